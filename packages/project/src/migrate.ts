import { type DataSource, QueryFailedError, type QueryRunner } from 'typeorm';
import { tablesCreatedBy } from './created-tables.ts';
import { MigrationError } from './migration-error.ts';
import { MigrationGraph, type MigrationNode } from './migration-graph.ts';
import { type MigrationStep, type MigrationTarget, planMigrations } from './migration-plan.ts';
import { MigrationRecord } from './migration-record.ts';
import { openDatabase } from './open-database.ts';
import type { Project } from './project.ts';
import type { ProjectSite } from './project-site.ts';

export interface MigrateOptions extends MigrationTarget {
  /** Only records the steps as done. */
  readonly fake?: boolean;
  /** Only records an initial migration whose tables all exist already, as in a database that Django made. */
  readonly fakeInitial?: boolean;
  /** Called with lines for the operator. */
  readonly log?: (text: string) => void;
}

/** A step that was taken. */
export interface TakenStep extends MigrationStep {
  /** Recorded only; nothing was changed. */
  readonly faked: boolean;
}

/**
 * Brings the database of a project, or of one that is open, to the target: by default all migrations of all apps are applied. A database
 * in memory is there only as long as it is open.
 *
 * Each migration runs in a transaction with its record (unless it says `transaction = false`), all of them under an advisory
 * lock: of two deployments at once one waits. Then the apps' `postMigrate` runs.
 * Throws {@link MigrationError} when the migrations or their records do not fit together; what was applied before an
 * error stays applied.
 */
export async function migrate(owner: Project | ProjectSite, options: MigrateOptions = {}): Promise<TakenStep[]> {
  const project = 'project' in owner ? owner.project : owner;
  const graph = await MigrationGraph.load(project);
  const run = (source: DataSource) => migrateDatabase(source, project, graph, options);
  return 'dataSource' in owner ? run(owner.dataSource) : withDatabase(owner, run);
}

/** The steps that {@link migrate} would take, of a project or on the database of an open one. Changes nothing. */
export async function pendingMigrations(
  owner: Project | ProjectSite,
  target: MigrationTarget = {},
): Promise<MigrationStep[]> {
  const graph = await MigrationGraph.load('project' in owner ? owner.project : owner);
  return planMigrations(graph, await appliedMigrations(owner), target);
}

/** Ids of the migrations that the database has recorded: `auth.0001_initial`. */
export function appliedMigrations(owner: Project | ProjectSite): Promise<Set<string>> {
  const read = (source: DataSource) => withRunner(source, (runner) => new MigrationRecord(runner).applied());
  return 'dataSource' in owner ? read(owner.dataSource) : withDatabase(owner, read);
}

/** {@link migrate} on an open data source. */
export function migrateDatabase(
  source: DataSource,
  project: Project,
  graph: MigrationGraph,
  options: MigrateOptions = {},
): Promise<TakenStep[]> {
  const log = options.log ?? (() => {});
  return withRunner(source, async (runner) => {
    const record = new MigrationRecord(runner);
    await record.lock(() => log('Another process is migrating this database; waiting for it.'));
    try {
      await record.ensureTable();
      const applied = await record.applied();
      const steps = planMigrations(graph, applied, options);
      const adoptable = options.fakeInitial
        ? await findAdoptable(steps, runner, project, graph)
        : new Set<MigrationNode>();
      const taken: TakenStep[] = [];
      for (const step of steps) {
        const faked = options.fake === true || adoptable.has(step.node);
        await take(step, runner, record, faked);
        if (step.direction === 'forwards') applied.add(step.node.id);
        else applied.delete(step.node.id);
        log(
          `${step.direction === 'forwards' ? 'Applied' : 'Took back'} ${step.node.id}${faked ? ' (recorded only)' : ''}`,
        );
        taken.push({ ...step, faked });
      }
      await runPostMigrate(runner, project, graph, applied, log);
      return taken;
    } finally {
      await record.unlock();
    }
  });
}

async function take(step: MigrationStep, runner: QueryRunner, record: MigrationRecord, faked: boolean): Promise<void> {
  const { node, direction } = step;
  const work = async () => {
    if (!faked) await (direction === 'forwards' ? node.migration.up(runner) : node.migration.down(runner));
    await (direction === 'forwards' ? record.add(node) : record.remove(node));
  };
  try {
    if (node.migration.transaction === false) await work();
    else await inTransaction(runner, work);
  } catch (error) {
    const message = `${node.id} failed ${direction}: ${(error as Error).message}`;
    throw new MigrationError(isTableThere(error) ? `${message}. ${howToAdopt(node)}` : message, { cause: error });
  }
}

async function inTransaction(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.startTransaction();
  try {
    await work();
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => {});
    throw error;
  }
}

/** `duplicate_table` (PostgreSQL manual, appendix A). */
function isTableThere(error: unknown): boolean {
  return error instanceof QueryFailedError && (error.driverError as { code?: string }).code === '42P07';
}

function howToAdopt({ app, name }: MigrationNode): string {
  return `If all that it makes is in the database, record it: rf migrate ${app.label} ${name} --fake.`;
}

async function findAdoptable(
  steps: readonly MigrationStep[],
  runner: QueryRunner,
  project: Project,
  graph: MigrationGraph,
): Promise<Set<MigrationNode>> {
  const initial = steps
    .filter(({ node, direction }) => direction === 'forwards' && node.isInitial)
    .map(({ node }) => node);
  const adoptable = new Set<MigrationNode>();
  if (initial.length === 0) return adoptable;
  const created = await tablesCreatedBy(initial, project, graph);
  for (const node of initial) {
    const tables = created.get(node) ?? [];
    const missing: string[] = [];
    for (const table of tables) if (!(await runner.hasTable(table))) missing.push(table);
    if (missing.length === 0 && tables.length > 0) adoptable.add(node);
    else if (missing.length > 0 && missing.length < tables.length) {
      const present = tables.filter((table) => !missing.includes(table));
      throw new MigrationError(
        `${node.id} can be neither adopted nor applied: ${present.join(', ')} exist, ${missing.join(', ')} do not.`,
      );
    }
  }
  return adoptable;
}

async function runPostMigrate(
  runner: QueryRunner,
  project: Project,
  graph: MigrationGraph,
  applied: ReadonlySet<string>,
  log: (text: string) => void,
): Promise<void> {
  const migratedApps = project.apps.filter((app) => graph.of(app).every((node) => applied.has(node.id)));
  for (const app of migratedApps) {
    if (app.postMigrate === undefined) continue;
    await inTransaction(runner, async () => {
      await app.postMigrate?.({ project, manager: runner.manager, migratedApps, log });
    });
  }
}

async function withDatabase<T>(project: Project, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = await openDatabase(project);
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

async function withRunner<T>(source: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
  }
}
