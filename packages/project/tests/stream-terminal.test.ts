import { PassThrough } from 'node:stream';
import { StreamTerminal } from '@rf/project';
import { expect, test } from 'vitest';

function terminalOf(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input });
  const output = new PassThrough({ encoding: 'utf8' });
  const terminal = new StreamTerminal(input as never, output, new PassThrough(), {});
  return { terminal, shown: () => (output.read() as string | null) ?? '', type: (keys: string) => input.write(keys) };
}

test('asks one question after another', async () => {
  const { terminal, shown, type } = terminalOf(true);

  const first = terminal.prompt('First: ');
  type('ada\r');
  expect(await first).toBe('ada');
  const second = terminal.prompt('Second: ');
  type('bob\r');
  expect(await second).toBe('bob');
  expect(shown()).toMatch(/First: [^]*ada[^]*Second: [^]*bob/);
});

test('does not show what is typed for a hidden answer, nor what is typed after another question', async () => {
  const { terminal, shown, type } = terminalOf(true);
  const name = terminal.prompt('Name: ');
  type('ada\r');
  await name;

  for (const question of ['Password: ', 'Again: ']) {
    const answer = terminal.prompt(question, { hidden: true });
    expect(shown()).toContain(question);
    type('QQQQ7\r');
    expect(await answer).toBe('QQQQ7');
    expect(shown()).not.toContain('Q');
  }
});

test('is told by Ctrl+C that nobody wants to answer', async () => {
  const { terminal, type } = terminalOf(true);
  const answer = terminal.prompt('Name: ');
  type('\x03');

  await expect(answer).rejects.toThrow('Cancelled.');
});

test('refuses to ask where nobody sits', async () => {
  const { terminal } = terminalOf(false);

  expect(terminal.isInteractive).toBe(false);
  await expect(terminal.prompt('Name: ')).rejects.toThrow(
    'Name: there is nobody to ask, since the input is no terminal.',
  );
});
