import path from 'node:path';
import {
  type App,
  CommandError,
  type CommandContext,
  defineCommand,
  dependenciesOf,
  detectChanges,
  MigrationGraph,
  nextName,
  type Project,
  type SchemaChanges,
  type SchemaQuestions,
  UsageError,
  writeMigration,
} from '@rf/project';
import { appNamed } from '../app-named.ts';

/** `rf makemigrations` */
export const makemigrations = defineCommand({
  name: 'makemigrations',
  help: 'Write migrations for what the entities have and the migrations do not make.',
  description:
    'All migrations are replayed in an embedded database and compared with the entities: no other database is needed or ' +
    'touched. Apps whose migrations are a folder get new files there.',
  arguments: [
    { name: 'apps', help: 'labels of apps; all that have a folder unless given', optional: true, many: true },
  ],
  options: {
    check: { type: 'boolean', help: 'write nothing; exit code 1 when something is missing' },
    empty: { type: 'boolean', help: 'write an empty migration, to be filled by hand' },
    name: { type: 'string', short: 'n', help: 'what the migration is called, after its number' },
  },
  async run(context) {
    const { project, args, options, stdout, stderr } = context;
    if (options.name !== undefined && !/^\w+$/.test(options.name)) {
      throw new UsageError(`--name ${options.name}: a name is made of letters, digits and "_".`);
    }
    const apps = args.apps.length > 0 ? args.apps.map((label) => appNamed(project, label)) : appsWithFolder(project);
    warnOfAppsWithout(project, stderr);
    const graph = await MigrationGraph.load(project, { leaveOutWaiting: true });
    if (options.empty) {
      if (args.apps.length === 0) throw new UsageError('--empty needs the label of an app.');
      for (const app of apps) write({ app, operations: [], refersTo: [], orphans: [] }, graph, new Map(), context);
      return 0;
    }

    const changes = await detectChanges(project, { apps, questions: options.check ? unasked : questionsFor(context) });
    if (changes.length === 0) {
      stdout('No changes.');
      return 0;
    }
    if (options.check) {
      for (const change of changes) report(change, stdout);
      return 1;
    }
    const names = new Map(changes.map((change) => [change.app, nameOf(change, graph, options.name)]));
    refuseCircle(changes, graph);
    for (const change of changes) write(change, graph, names, context);
    return 0;
  },
});

type Context = Pick<
  CommandContext<unknown, { readonly name: string | undefined }>,
  'stdout' | 'options' | 'prompt' | 'isInteractive'
>;

function write(
  change: SchemaChanges,
  graph: MigrationGraph,
  names: ReadonlyMap<App, string>,
  { stdout, options }: Context,
): void {
  const file = writeMigration({
    app: change.app,
    name: names.get(change.app) ?? nameOf(change, graph, options.name),
    dependencies: dependenciesOf(change, graph, names),
    operations: change.operations,
  });
  stdout(path.relative(process.cwd(), file));
  report(change, stdout);
}

function report({ app, operations, orphans }: SchemaChanges, stdout: (text: string) => void): void {
  if (operations.length > 0) stdout(`${app.label}:`);
  for (const summary of new Set(operations.map((operation) => operation.summary))) stdout(`  - ${summary}`);
  if (orphans.length > 0) {
    stdout(
      `  No entity has ${orphans.join(', ')} any more; drop by hand what is not needed: rf makemigrations ${app.label} --empty`,
    );
  }
}

function nameOf({ app, operations }: SchemaChanges, graph: MigrationGraph, chosen: string | undefined): string {
  const existing = graph.of(app).map((node) => node.name);
  return nextName(existing, operations, chosen ?? (operations.length === 0 ? 'custom' : undefined), new Date());
}

function appsWithFolder(project: Project): App[] {
  return project.apps.filter((app) => app.migrations instanceof URL);
}

function warnOfAppsWithout(project: Project, stderr: (text: string) => void): void {
  for (const app of project.apps) {
    if (app.migrations !== undefined || project.entitiesOf(app).length === 0) continue;
    stderr(
      `${app.label} has entities but no migrations: write migrations: new URL('./migrations/', import.meta.url) in its defineApp.`,
    );
  }
}

/** Two new migrations that refer to each other's tables cannot be put in order. */
function refuseCircle(changes: readonly SchemaChanges[], graph: MigrationGraph): void {
  const waitsFor = (from: SchemaChanges, to: SchemaChanges) =>
    from.refersTo.some(
      // The user model is there from its app's first migration on.
      ({ app, userModel }) => app === to.app && (userModel === undefined || graph.of(app).length === 0),
    );
  for (const change of changes) {
    const other = changes.find((each) => waitsFor(change, each) && waitsFor(each, change));
    if (other === undefined) continue;
    throw new CommandError(
      `The new tables of ${change.app.label} and ${other.app.label} refer to each other. Leave the relation out on one side, run ` +
        'rf makemigrations, add the relation and run it again.',
    );
  }
}

/** A check looks whether something is missing, not at how it would be done. */
const unasked: SchemaQuestions = { isRename: async () => false, valueForExistingRows: async () => 'NULL' };

function questionsFor({ prompt, isInteractive }: Context): SchemaQuestions | undefined {
  if (!isInteractive) return undefined;
  return {
    async isRename(table, from, to) {
      const answer = await prompt(`Was ${table}.${from} renamed to ${to}? Otherwise its values are lost. [y/N] `);
      return /^y(es)?$/i.test(answer.trim());
    },
    async valueForExistingRows(table, column) {
      const answer = await prompt(
        `${table}.${column} must not be null. SQL for its value in rows that exist (empty to stop): `,
      );
      if (answer.trim() === '') throw new CommandError('Stopped; nothing was written.');
      return answer.trim();
    },
  };
}
