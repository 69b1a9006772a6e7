import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { CommandError, type Terminal } from './command.ts';

/** A terminal on streams: somebody sits there when the input is a TTY. */
export class StreamTerminal implements Terminal {
  constructor(
    private readonly input: NodeJS.ReadableStream & Pick<ReadStream, 'isTTY'>,
    private readonly output: NodeJS.WritableStream,
    private readonly errors: NodeJS.WritableStream,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  get isInteractive(): boolean {
    return this.input.isTTY === true;
  }

  stdout(text: string): void {
    this.output.write(`${text}\n`);
  }

  stderr(text: string): void {
    this.errors.write(`${text}\n`);
  }

  async prompt(question: string, { hidden = false }: { readonly hidden?: boolean } = {}): Promise<string> {
    if (!this.isInteractive) {
      const subject = question.replace(/:?\s*$/, '');
      throw new CommandError(`${subject}: there is nobody to ask, since the input is no terminal.`);
    }
    let muted = false;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (!muted) this.output.write(chunk);
        done();
      },
    });
    const reader = createInterface({ input: this.input, output, terminal: true });
    try {
      return await new Promise<string>((resolve, reject) => {
        const cancel = () => {
          this.output.write('\n');
          reject(new CommandError('Cancelled.'));
        };
        reader.once('close', cancel);
        reader.question(question, (answer) => {
          reader.off('close', cancel);
          resolve(answer);
        });
        // The question is written by now; what is typed is not to be seen.
        muted = hidden;
      });
    } finally {
      reader.close();
      if (hidden) this.output.write('\n');
    }
  }
}

/** The terminal of this process. */
export const processTerminal: Terminal = new StreamTerminal(process.stdin, process.stdout, process.stderr, process.env);
