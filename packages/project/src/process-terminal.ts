import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandError, type Terminal } from './command.ts';

/** The terminal of this process. */
export const processTerminal: Terminal = {
  stdout: (text) => void process.stdout.write(`${text}\n`),
  stderr: (text) => void process.stderr.write(`${text}\n`),
  get isInteractive() {
    return process.stdin.isTTY === true;
  },
  env: process.env,
  prompt,
};

async function prompt(question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
  if (process.stdin.isTTY !== true) {
    throw new CommandError(
      `${question.replace(/:?\s*$/, '')}: there is nobody to ask, since the input is no terminal.`,
    );
  }
  let muted = false;
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!muted) process.stdout.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      reader.once('close', () => reject(new CommandError('Cancelled.')));
      reader.question(question, resolve);
      muted = hidden;
    });
  } finally {
    reader.close();
    if (hidden) process.stdout.write('\n');
  }
}
