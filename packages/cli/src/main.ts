import { type Command, CommandError, type Project, processTerminal, runCommand, type Terminal } from '@rf/project';
import { builtInCommands } from './commands.ts';
import { findProjectFile } from './find-project.ts';
import { loadProject } from './load-project.ts';
import { overview, version } from './overview.ts';

/** Where {@link main} finds its project and writes. */
export interface MainOptions {
  /** The process's own unless given. */
  readonly terminal?: Terminal;
  /** The working directory unless given. */
  readonly directory?: string;
  /** The project itself; looked for unless given. */
  readonly project?: Project;
}

/**
 * The `rf` command. Returns the exit code: 0, 1 for a failure, 2 for a wrong call.
 *
 * @param argv the words after `rf`
 */
export async function main(argv: readonly string[], options: MainOptions = {}): Promise<number> {
  const terminal = options.terminal ?? processTerminal;
  const { projectFile, words } = takeProjectOption(argv);
  const [name = '--help', ...rest] = words;
  if (name === '--version' || name === '-v') {
    terminal.stdout(version);
    return 0;
  }

  let loaded: Promise<Project> | undefined;
  const load = (): Promise<Project> => {
    loaded ??= options.project
      ? Promise.resolve(options.project)
      : find(projectFile, options.directory ?? process.cwd());
    return loaded;
  };
  const builtIn = builtInCommands.find((command) => command.name === name);
  if (builtIn !== undefined) return runCommand(builtIn, rest, { project: load, terminal });

  // Everything else needs to know what the apps of the project bring.
  const commands = await load().then(
    (project) => project.apps.flatMap((app) => app.commands),
    (error: Error) => error,
  );
  const isHelp = name === '--help' || name === '-h' || name === 'help';
  if (isHelp) {
    terminal.stdout(overview(builtInCommands, Array.isArray(commands) ? commands : []));
    if (!Array.isArray(commands) && !(commands instanceof NoProject)) terminal.stderr(`Error: ${commands.message}`);
    return 0;
  }
  if (!Array.isArray(commands)) {
    terminal.stderr(`Error: ${argv.includes('--traceback') ? commands.stack : commands.message}`);
    return 1;
  }
  const command = commands.find((each) => each.name === name);
  if (command !== undefined) return runCommand(command, rest, { project: load, terminal });
  terminal.stderr(`Error: There is no command ${name}.${suggestion(name, [...builtInCommands, ...commands])}`);
  terminal.stderr('Try: rf --help');
  return 2;
}

class NoProject extends CommandError {}

async function find(named: string | undefined, directory: string): Promise<Project> {
  const file = findProjectFile(named, directory);
  if (file === null) {
    throw new NoProject(
      'There is no project here: run this in a folder with project.ts, give --project FILE, or make one with rf startproject NAME.',
    );
  }
  return loadProject(file);
}

function takeProjectOption(argv: readonly string[]): { projectFile: string | undefined; words: string[] } {
  const words = [...argv];
  const at = words.findIndex((word) => word === '--project' || word.startsWith('--project='));
  if (at === -1) return { projectFile: undefined, words };
  const [option = '', value] = words.slice(at, at + 2);
  const isJoined = option.startsWith('--project=');
  words.splice(at, isJoined ? 1 : 2);
  return { projectFile: isJoined ? option.slice('--project='.length) : value, words };
}

function suggestion(name: string, commands: readonly Command[]): string {
  const close = commands.find((command) => distance(command.name, name) <= 2);
  return close === undefined ? '' : ` Did you mean ${close.name}?`;
}

/** Letters to add, drop or change between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
