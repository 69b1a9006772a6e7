import { PassThrough } from 'node:stream';
import { StreamTerminal } from '@rf/project';
import { expect, test } from 'vitest';

/** A terminal whose person types `keys` whenever a question ends. */
function terminalOf(isTTY: boolean, ...typed: readonly string[]) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input });
  const keys = [...typed];
  let shown = '';
  const output = new PassThrough();
  output.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (/: \S*\d+G$/.test(shown) && keys.length > 0) input.write(keys.shift());
  });
  const terminal = new StreamTerminal(input as never, output, new PassThrough(), {});
  return { terminal, shown: () => shown };
}

test('asks one question after another', async () => {
  const { terminal, shown } = terminalOf(true, 'ada\r', 'bob\r');

  expect([await terminal.prompt('First: '), await terminal.prompt('Second: ')]).toEqual(['ada', 'bob']);
  expect(shown()).toContain('ada');
});

test('does not show what is typed for a hidden answer, nor what is typed after another question', async () => {
  const { terminal, shown } = terminalOf(true, 'ada\r', 'QQQQ7\r', 'QQQQ7\r');
  await terminal.prompt('Name: ');

  expect(await terminal.prompt('Password: ', { hidden: true })).toBe('QQQQ7');
  expect(await terminal.prompt('Again: ', { hidden: true })).toBe('QQQQ7');
  expect(shown()).toContain('Password: ');
  expect(shown()).not.toContain('Q');
});

test('is told by Ctrl+C that nobody wants to answer', async () => {
  const { terminal } = terminalOf(true, '\x03');

  await expect(terminal.prompt('Name: ')).rejects.toThrow('Cancelled.');
});

test('refuses to ask where nobody sits', async () => {
  const { terminal } = terminalOf(false);

  expect(terminal.isInteractive).toBe(false);
  await expect(terminal.prompt('Name: ')).rejects.toThrow(
    'Name: there is nobody to ask, since the input is no terminal.',
  );
});
