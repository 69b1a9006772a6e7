import type { Awaitable } from '@rf/views';
import type { Project } from './project.ts';
import type { ProjectSite } from './project-site.ts';

/** A positional argument of a command. */
export interface ArgumentSpec {
  /** As `args.name`, and upper-case in the help. */
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Takes all that follow, as a list; only for the last one. */
  readonly many?: boolean;
}

/** An option of a command: `--name`, or `--name VALUE`. */
export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly help: string;
  /** One letter: `-n`. */
  readonly short?: string;
  /** May be given several times; the value is a list. */
  readonly multiple?: boolean;
  readonly default?: string;
  /** What the help calls the value; the name in capitals unless given. */
  readonly placeholder?: string;
}

type ArgumentValue<A extends ArgumentSpec> = A extends { many: true }
  ? string[]
  : A extends { optional: true }
    ? string | undefined
    : string;

type OptionValue<O extends OptionSpec> = O extends { type: 'boolean' }
  ? boolean
  : O extends { multiple: true }
    ? string[]
    : O extends { default: string }
      ? string
      : string | undefined;

/** Values of the arguments by name. */
export type ArgumentValues<A extends readonly ArgumentSpec[]> = {
  readonly [Spec in A[number] as Spec['name']]: ArgumentValue<Spec>;
};

/** Values of the options by name. */
export type OptionValues<O extends Readonly<Record<string, OptionSpec>>> = {
  readonly [Name in keyof O]: OptionValue<O[Name]>;
};

/** Where a command reads and writes. */
export interface Terminal {
  /** Writes a line of the result. */
  stdout(text: string): void;
  /** Writes a line about the work. */
  stderr(text: string): void;
  /**
   * Asks a question and returns the answer, without echo when `hidden`. Throws CommandError when nobody is there to answer.
   */
  prompt(question: string, options?: { readonly hidden?: boolean }): Promise<string>;
  /** False when no person sits there, as in a script. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a command gets. */
export interface CommandContext<Args = unknown, Options = unknown> extends Terminal {
  readonly project: Project;
  /** The open project; opened at the first call, closed when the command ends. */
  site(): Promise<ProjectSite>;
  readonly args: Args;
  readonly options: Options;
}

/** A command of `rf`. Make it with {@link defineCommand}, which knows the types of its arguments. */
export interface Command {
  /** `create-token` */
  readonly name: string;
  /** One line. */
  readonly help: string;
  /** More, shown by `--help`. */
  readonly description?: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** True for a command that runs where there is no project; its context's `project` is not there then. */
  readonly isStandalone?: boolean;
  /** Returns the exit code; nothing means 0. */
  run(context: CommandContext<never, never>): Awaitable<number | void>;
}

/** What {@link defineCommand} takes. */
export interface CommandDefinition<A extends readonly ArgumentSpec[], O extends Readonly<Record<string, OptionSpec>>> {
  readonly name: string;
  readonly help: string;
  readonly description?: string;
  readonly arguments?: A;
  readonly options?: O;
  readonly isStandalone?: boolean;
  run(context: CommandContext<ArgumentValues<A>, OptionValues<O>>): Awaitable<number | void>;
}

/**
 * Declares a command.
 *
 * ```ts
 * export const greet = defineCommand({
 *   name: 'greet',
 *   help: 'Greet somebody.',
 *   arguments: [{ name: 'who', help: 'whom' }],
 *   options: { loud: { type: 'boolean', help: 'shout' } },
 *   run({ args, options, stdout }) {
 *     stdout(`Hello ${args.who}${options.loud ? '!' : '.'}`);
 *   },
 * });
 * ```
 */
export function defineCommand<
  const A extends readonly ArgumentSpec[] = readonly [],
  const O extends Readonly<Record<string, OptionSpec>> = Record<never, never>,
>(definition: CommandDefinition<A, O>): Command {
  return { arguments: [], options: {}, ...definition } as Command;
}

/** Ends a command: the message is shown without a stack trace, and the exit code is 1. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number = 1;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends CommandError {
  override name = 'UsageError';
  override readonly exitCode = 2;
}
