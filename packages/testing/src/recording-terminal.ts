import { CommandError, type Terminal } from '@rf/project';

/**
 * A terminal that remembers what a command wrote and answers what it asks; for tests of commands.
 *
 * ```ts
 * const terminal = new RecordingTerminal({ answers: ['alice', 'alice@example.com'] });
 * expect(await runCommand(greet, ['--loud'], { project, terminal })).toBe(0);
 * expect(terminal.output).toBe('HELLO\n');
 * ```
 */
export class RecordingTerminal implements Terminal {
  /** What was written to standard output. */
  output = '';
  /** What was written to standard error. */
  errors = '';
  /** The questions that were asked, in order. */
  readonly questions: string[] = [];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly #answers: string[] | undefined;

  /** Without `answers` nobody sits at the terminal. */
  constructor(options: { answers?: readonly string[]; env?: Readonly<Record<string, string | undefined>> } = {}) {
    this.#answers = options.answers === undefined ? undefined : [...options.answers];
    this.env = options.env ?? {};
  }

  get isInteractive(): boolean {
    return this.#answers !== undefined;
  }

  // Commands take these off their context one by one, so they must not need `this` of the call.
  readonly stdout = (text: string): void => {
    this.output += `${text}\n`;
  };

  readonly stderr = (text: string): void => {
    this.errors += `${text}\n`;
  };

  readonly prompt = async (question: string): Promise<string> => {
    this.questions.push(question);
    const answer = this.#answers?.shift();
    if (answer === undefined) throw new CommandError(`${question.trim()} – nobody answers.`);
    return answer;
  };
}
