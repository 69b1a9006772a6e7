import { ImproperlyConfigured } from '@rf/exceptions';
import { type Command, CommandError, defineCommand, defineProject, runCommand, UsageError } from '@rf/project';
import { RecordingTerminal } from '@rf/testing/terminal';
import { describe, expect, test } from 'vitest';

const project = defineProject({ apps: [], database: 'pglite://memory', urls: [], secretKey: 'k' });
const run = async (command: Command, words: string[], terminal = new RecordingTerminal()) => ({
  code: await runCommand(command, words, { project, terminal }),
  output: terminal.output,
  errors: terminal.errors,
});

const greet = defineCommand({
  name: 'greet',
  help: 'Greet somebody.',
  description: 'Politely.',
  arguments: [
    { name: 'who', help: 'whom' },
    { name: 'others', help: 'whom else', optional: true, many: true },
  ],
  options: {
    loud: { type: 'boolean', short: 'l', help: 'shout' },
    word: { type: 'string', default: 'Hello', help: 'what to say' },
    'sign-off': { type: 'string', multiple: true, placeholder: 'TEXT', help: 'what to end with' },
  },
  run({ args, options, stdout }) {
    const line = `${options.word} ${[args.who, ...args.others].join(', ')}`;
    stdout([options.loud ? line.toUpperCase() : line, ...options['sign-off']].join(' '));
  },
});
const failing = (error: unknown) =>
  defineCommand({
    name: 'fail',
    help: 'Fail.',
    run() {
      throw error;
    },
  });

describe('a command', () => {
  test('gets its arguments and options', async () => {
    expect(await run(greet, ['Ada'])).toMatchObject({ code: 0, output: 'Hello Ada\n' });
    expect(await run(greet, ['Ada', 'Bob', '--word', 'Hi', '-l', '--sign-off', 'a', '--sign-off=b'])).toMatchObject({
      code: 0,
      output: 'HI ADA, BOB a b\n',
    });
  });

  test('shows its help', async () => {
    expect(
      (await run(greet, ['--help'])).output,
    ).toBe(`Usage: rf greet WHO [OTHERS …] [--loud] [--word WORD] [--sign-off TEXT]

Greet somebody.

Politely.

Arguments:
  WHO     whom
  OTHERS  whom else

Options:
  -l, --loud       shout
  --word WORD      what to say (default: Hello)
  --sign-off TEXT  what to end with
  -h, --help       Show this help.
  --traceback      Show where an error came from.
`);
  });

  test.each([
    [[], 'The argument WHO is missing: whom.'],
    [['Ada', '--lod'], "Unknown option '--lod'"],
    [['Ada', '--word'], "Option '--word <value>' argument missing"],
    [['Ada', '--loud=yes'], "Option '-l, --loud' does not take an argument"],
  ])('called wrongly with %j ends with code 2 and the usage', async (words, message) => {
    const { code, errors } = await run(greet, words);

    expect(code).toBe(2);
    expect(errors).toContain(`Error: ${message}`);
    expect(errors).toContain('Usage: rf greet WHO');
  });

  test('with an argument too many ends with code 2', async () => {
    expect(await run(failing(new Error()), ['more'])).toMatchObject({ code: 2 });
  });

  test.each([
    [new CommandError('no such user'), 1, 'Error: no such user\n'],
    [new ImproperlyConfigured('wrong'), 1, 'Error: wrong\n'],
    [new Error('bug'), 1, 'Error: bug\n(--traceback shows where it came from)\n'],
    [
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
      1,
      'Error: The database cannot be reached: connect ECONNREFUSED 127.0.0.1:5432\n',
    ],
    [
      Object.assign(new Error('database "shop" does not exist'), { code: '3D000' }),
      1,
      'Error: The database refuses the connection: database "shop" does not exist\n',
    ],
  ])('that throws %o ends with code %i and no stack trace', async (error, code, errors) => {
    expect(await run(failing(error), [])).toMatchObject({ code, errors });
  });

  test('that finds itself called wrongly ends with code 2', async () => {
    expect(await run(failing(new UsageError('not both')), [])).toMatchObject({ code: 2 });
  });

  test('shows the stack trace on demand', async () => {
    expect((await run(failing(new Error('bug')), ['--traceback'])).errors).toContain('run-command.test.ts');
  });

  test('ends with the code that it returns', async () => {
    expect(await run(defineCommand({ name: 'three', help: '', run: () => 3 }), [])).toMatchObject({ code: 3 });
  });

  test('gets the open project when it asks, and it is closed at the end', async () => {
    let isOpen: (() => boolean) | undefined;
    const command = defineCommand({
      name: 'open',
      help: '',
      async run({ site }) {
        const [one, two] = await Promise.all([site(), site()]);
        isOpen = () => one.dataSource.isInitialized;
        return one === two && isOpen() ? 0 : 1;
      },
    });

    expect((await run(command, [])).code).toBe(0);
    expect(isOpen?.()).toBe(false);
  });

  test('that needs no project does not look for one', async () => {
    const command = defineCommand({ name: 'alone', help: '', isStandalone: true, run: () => {} });
    const terminal = new RecordingTerminal();
    const none = async () => {
      throw new CommandError('no project');
    };

    expect(await runCommand(command, [], { project: none, terminal })).toBe(0);
    expect(await runCommand(greet, ['Ada'], { project: none, terminal })).toBe(1);
    expect(await runCommand(greet, ['--help'], { project: none, terminal })).toBe(0);
  });
});
