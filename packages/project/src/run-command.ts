import { ImproperlyConfigured } from '@rf/exceptions';
import { isDatabaseUnavailable } from '@rf/orm';
import { type Command, type CommandContext, CommandError, type Terminal, UsageError } from './command.ts';
import { helpOf, parseCommandLine, usageOf } from './command-line.ts';
import type { Project } from './project.ts';
import { openProject, type ProjectSite } from './project-site.ts';

/** What a command needs beside its words. */
export interface CommandEnvironment {
  /** The project, or how to find it: a command's `--help` and a wrong call need none. */
  readonly project: Project | (() => Promise<Project>);
  readonly terminal: Terminal;
}

/**
 * Runs a command with the words that stood after its name. Returns the exit code: 0, 1 for a failure, 2 for a wrong call.
 *
 * Errors are written to stderr, without a stack trace unless `--traceback` is among the words.
 */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  { project, terminal }: CommandEnvironment,
): Promise<number> {
  let opened: Promise<ProjectSite> | undefined;
  try {
    const { args, options, help } = parseCommandLine(command, argv);
    if (help) {
      terminal.stdout(helpOf(command));
      return 0;
    }
    const found = command.isStandalone ? null : typeof project === 'function' ? await project() : project;
    const theProject = (): Project => {
      if (found === null) throw new CommandError(`rf ${command.name} runs without a project.`);
      return found;
    };
    const context: CommandContext = {
      get project() {
        return theProject();
      },
      site: () => (opened ??= openProject(theProject())),
      args,
      options,
      stdout: (text) => terminal.stdout(text),
      stderr: (text) => terminal.stderr(text),
      prompt: (question, settings) => terminal.prompt(question, settings),
      isInteractive: terminal.isInteractive,
      env: terminal.env,
    };
    return (await command.run(context as CommandContext<never, never>)) ?? 0;
  } catch (error) {
    return reportError(error, command, argv.includes('--traceback'), terminal);
  } finally {
    await closeQuietly(opened);
  }
}

function reportError(error: unknown, command: Command, traceback: boolean, terminal: Terminal): number {
  if (traceback && error instanceof Error) terminal.stderr(error.stack ?? String(error));
  else terminal.stderr(`Error: ${explain(error)}`);
  if (error instanceof UsageError) terminal.stderr(`Usage: ${usageOf(command)}\nTry: rf ${command.name} --help`);
  return error instanceof CommandError ? error.exitCode : 1;
}

function explain(error: unknown): string {
  if (error instanceof CommandError || error instanceof ImproperlyConfigured) return error.message;
  if (isDatabaseUnavailable(error)) return `The database cannot be reached: ${messageOf(error)}`;
  if (isLoginRefused(error)) return `The database refuses the connection: ${messageOf(error)}`;
  return `${messageOf(error)}\n(--traceback shows where it came from)`;
}

/** No such database, no such role, or a wrong password (PostgreSQL manual, appendix A). */
function isLoginRefused(error: unknown): boolean {
  return error instanceof Error && ['3D000', '28000', '28P01'].includes((error as { code?: string }).code ?? '');
}

function messageOf(error: unknown): string {
  // Node reports a refused connection to several addresses as an AggregateError without a text of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

async function closeQuietly(opened: Promise<ProjectSite> | undefined): Promise<void> {
  const site = await opened?.catch(() => undefined);
  await site?.close();
}
