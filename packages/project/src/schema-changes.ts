import type { EntityClass } from '@rf/orm';
import type { EntityMetadata, QueryRunner } from 'typeorm';
import type { App } from './app.ts';
import { CommandError } from './command.ts';
import type { NewDependency, SwappableImport } from './migration-file.ts';
import { MigrationGraph } from './migration-graph.ts';
import type { Project } from './project.ts';
import { replay } from './replay.ts';
import { SchemaComparison, type SchemaOperation, type SchemaQuestions } from './schema-comparison.ts';

/** What the entities of an app have that its migrations do not make. */
export interface SchemaChanges {
  readonly app: App;
  readonly operations: readonly SchemaOperation[];
  /** Whose tables of other apps the new foreign keys refer to. */
  readonly refersTo: readonly AppReference[];
  /** Tables that migrations of the app make and no entity has. */
  readonly orphans: readonly string[];
}

/** Another app whose tables a new foreign key refers to. */
export interface AppReference {
  readonly app: App;
  /** Given when the table is that of the user model: any app may own it, so a migration names the model instead of the app. */
  readonly userModel?: SwappableImport;
}

export interface DetectOptions {
  /** All apps unless given. */
  readonly apps?: readonly App[];
  /** Asked where the entities leave a choice; without it nothing counts as renamed, and a missing value is an error. */
  readonly questions?: SchemaQuestions;
}

/**
 * Replays all migrations in an embedded database and compares the tables with the entities. Needs no live database.
 *
 * Returns an entry for each app with a difference; none means that entities and migrations agree.
 */
export async function detectChanges(project: Project, options: DetectOptions = {}): Promise<SchemaChanges[]> {
  const graph = await MigrationGraph.load(project, { leaveOutWaiting: true });
  const incomplete = new Set([...graph.waiting].map(({ app }) => app));
  const apps = (options.apps ?? project.apps).filter((app) => !incomplete.has(app));
  return replay(project, async (runner) => {
    const madeBy = new Map<string, App>();
    for (const node of graph.order) {
      await node.migration.up(runner);
      for (const table of await tableNames(runner)) if (!madeBy.has(table)) madeBy.set(table, node.app);
    }
    const mapped = new Set(runner.dataSource.entityMetadatas.map(({ tableName }) => tableName));

    const changes: SchemaChanges[] = [];
    for (const app of apps) {
      const metadatas = metadatasOf(app, project, runner);
      const operations = await SchemaComparison.run(runner, metadatas, options.questions ?? noAnswers);
      const orphans = [...madeBy]
        .filter(([table, maker]) => maker === app && !mapped.has(table))
        .map(([table]) => table);
      if (operations.length === 0) continue;
      changes.push({ app, operations, orphans, refersTo: references(app, operations, project) });
    }
    return changes;
  });
}

/**
 * What a new migration depends on in other apps: their last migration, or the new one that goes with it; for the user model, the
 * first of whichever app owns it.
 */
export function dependenciesOf(
  changes: SchemaChanges,
  graph: MigrationGraph,
  newNames: ReadonlyMap<App, string>,
): NewDependency[] {
  return changes.refersTo.map(({ app, userModel }) => {
    const name = newNames.get(app) ?? graph.of(app).at(-1)?.name;
    if (name !== undefined) return userModel ?? [app.label, name];
    throw new CommandError(
      `${changes.app.label} refers to tables of ${app.label}, which has no migrations yet: run rf makemigrations without naming an app.`,
    );
  });
}

const noAnswers: SchemaQuestions = {
  isRename: async () => false,
  valueForExistingRows: async (table, column) => {
    throw new CommandError(
      `${table}.${column} is new, must not be null and has no default, so the rows that exist would have no value. ` +
        'Give the column a default or make it nullable; or run rf makemigrations in a terminal, where it asks for the value.',
    );
  },
};

/** Metadata of the tables that belong to an app: of its entities, and of their join tables. */
function metadatasOf(app: App, project: Project, runner: QueryRunner): EntityMetadata[] {
  const entities = project.entitiesOf(app).map((entity) => runner.dataSource.getMetadata(entity));
  const all = entities.flatMap((metadata) => [
    metadata,
    ...metadata.ownRelations
      .filter(({ isManyToManyOwner }) => isManyToManyOwner)
      .map((relation) => relation.junctionEntityMetadata),
    metadata.closureJunctionTable,
  ]);
  const byTable = new Map<string, EntityMetadata>();
  for (const metadata of all) {
    if (metadata === undefined || !metadata.synchronize) continue;
    if (metadata.tableType === 'view' || metadata.tableType === 'entity-child') continue;
    // A join table that also has an entity of its own is that entity's.
    if (!byTable.has(metadata.tableName) || !metadata.isJunction) byTable.set(metadata.tableName, metadata);
  }
  return [...byTable.values()];
}

function references(app: App, operations: readonly SchemaOperation[], project: Project): AppReference[] {
  const targets = new Set(operations.map(({ needs }) => needs?.target));
  const userModel = userModelImport(project);
  const found = new Map<App | SwappableImport, AppReference>();
  for (const target of targets) {
    const owner = typeof target === 'function' ? project.appOf(target as EntityClass) : undefined;
    if (owner === undefined || owner === app) continue;
    if (target === project.userModel && userModel !== undefined) found.set(userModel, { app: owner, userModel });
    else found.set(owner, { app: owner });
  }
  return [...found.values()];
}

/** What migrations import to name the user model: the one that comes with an app, also where the project has its own. */
function userModelImport({ apps }: Project): SwappableImport | undefined {
  const home = apps.find(({ userModel }) => userModel !== undefined);
  if (home?.userModel === undefined || home.module === undefined) return undefined;
  return { swappable: home.userModel, module: home.module };
}

async function tableNames(runner: QueryRunner): Promise<string[]> {
  const rows: { name: string }[] = await runner.query(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace`,
  );
  return rows.map(({ name }) => name);
}
