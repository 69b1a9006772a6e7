import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Command, type OptionSpec, UsageError } from './command.ts';

/** What stood on the command line. */
export interface ParsedCommandLine {
  readonly args: Readonly<Record<string, string | string[] | undefined>>;
  readonly options: Readonly<Record<string, string | string[] | boolean | undefined>>;
  readonly help: boolean;
  readonly traceback: boolean;
}

/** Options that every command has. */
const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  help: { type: 'boolean', short: 'h', help: 'Show this help.' },
  traceback: { type: 'boolean', help: 'Show where an error came from.' },
};

/** Reads the words after the command's name. Throws {@link UsageError} for what the command does not take. */
export function parseCommandLine(command: Command, argv: readonly string[]): ParsedCommandLine {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...COMMON_OPTIONS };
  const { positionals, values } = parse(argv, specs);
  if (values.help === true) return { args: {}, options: {}, help: true, traceback: false };

  const options: Record<string, string | string[] | boolean | undefined> = {};
  for (const [name, spec] of Object.entries(command.options)) {
    options[name] = values[name] ?? (spec.type === 'boolean' ? false : spec.multiple ? [] : spec.default);
  }
  return { args: readArguments(command, positionals), options, help: false, traceback: values.traceback === true };
}

function parse(argv: readonly string[], specs: Readonly<Record<string, OptionSpec>>) {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, short, multiple }] of Object.entries(specs)) {
    options[name] = { type, ...(short === undefined ? {} : { short }), ...(multiple ? { multiple } : {}) };
  }
  try {
    const { positionals, values } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { positionals, values: values as Record<string, string | string[] | boolean | undefined> };
  } catch (error) {
    throw new UsageError((error as Error).message.split('. To specify')[0]);
  }
}

function readArguments(
  command: Command,
  positionals: readonly string[],
): Record<string, string | string[] | undefined> {
  const args: Record<string, string | string[] | undefined> = {};
  const rest = [...positionals];
  for (const spec of command.arguments) {
    if (spec.many) args[spec.name] = rest.splice(0);
    else args[spec.name] = rest.shift();
    const missing = spec.many ? args[spec.name]?.length === 0 : args[spec.name] === undefined;
    if (missing && !spec.optional)
      throw new UsageError(`The argument ${spec.name.toUpperCase()} is missing: ${spec.help}.`);
  }
  if (rest.length > 0) throw new UsageError(`Unexpected argument ${JSON.stringify(rest[0])}.`);
  return args;
}

/** `rf greet WHO [--loud]` */
export function usageOf(command: Command): string {
  const words = ['rf', command.name];
  for (const { name, optional, many } of command.arguments) {
    const word = name.toUpperCase() + (many ? ' …' : '');
    words.push(optional ? `[${word}]` : word);
  }
  for (const [name, spec] of Object.entries(command.options)) words.push(`[${flagOf(name, spec)}]`);
  return words.join(' ');
}

/** The whole of `rf COMMAND --help`. */
export function helpOf(command: Command): string {
  const lines = [`Usage: ${usageOf(command)}`, '', command.help];
  if (command.description !== undefined) lines.push('', command.description);
  if (command.arguments.length > 0) {
    lines.push('', 'Arguments:', ...table(command.arguments.map(({ name, help }) => [name.toUpperCase(), help])));
  }
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, spec]): [string, string] => [
    (spec.short === undefined ? '' : `-${spec.short}, `) + flagOf(name, spec),
    spec.help + (spec.default === undefined ? '' : ` (default: ${spec.default})`),
  ]);
  return [...lines, '', 'Options:', ...table(options)].join('\n');
}

function flagOf(name: string, spec: OptionSpec): string {
  return spec.type === 'boolean' ? `--${name}` : `--${name} ${spec.placeholder ?? name.toUpperCase()}`;
}

/** Two columns, indented. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
