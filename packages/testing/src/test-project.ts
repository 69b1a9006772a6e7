import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { migrateDatabase, MigrationGraph, openProject, type Project, type ProjectSite } from '@rf/project';
import { type Logger, makeSettings, type Settings, type UrlEntry } from '@rf/views';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { APIClient, type APIClientOptions } from './api-client.ts';
import { TEST_HOST } from './incoming-request.ts';
import { silentLogger } from './silent-logger.ts';
import { createMigratedDatabase } from './migrated-database.ts';
import type { TestDatabase } from './test-database.ts';
import { beginTestTransaction, type TestTransaction } from './test-transaction.ts';

/** What may differ from the project in a test. */
export interface TestProjectOptions {
  /** Added to the project's settings, or in their place (TE07). */
  readonly settings?: Partial<Settings>;
  /** In place of the project's URLs (TE06). */
  readonly urls?: readonly UrlEntry[];
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Where the project logs; nowhere unless given. */
  readonly logger?: Logger;
  /** Of the Fastify server: its own log, say, which is nowhere unless given. */
  readonly server?: FastifyServerOptions;
  /** Of the clients that {@link TestProject.client} makes. */
  readonly client?: APIClientOptions;
}

/** As much of a test runner as {@link TestProject.rollBackEachTest} asks for; vitest's and node:test's functions fit. */
export interface EachTestHooks {
  readonly beforeEach: (run: () => Promise<void>) => unknown;
  readonly afterEach: (run: () => Promise<void>) => unknown;
}

/** A project that is open on a database of its own, behind a server that need not listen. */
export class TestProject {
  readonly #database: TestDatabase;
  readonly #options: TestProjectOptions;
  #transaction: TestTransaction | undefined;

  /** @internal use {@link openTestProject} */
  constructor(
    /** The project as it is tested. */
    readonly project: Project,
    readonly site: ProjectSite,
    readonly app: FastifyInstance,
    database: TestDatabase,
    options: TestProjectOptions,
  ) {
    this.#database = database;
    this.#options = options;
  }

  /** A new client: nobody, without cookies. */
  client(options: APIClientOptions = {}): APIClient {
    return new APIClient(this, { ...this.#options.client, ...options });
  }

  /**
   * Undoes after each test what it wrote; what was written before stays for all of them.
   *
   * ```ts
   * notes.rollBackEachTest({ beforeEach, afterEach });
   * ```
   */
  rollBackEachTest({ beforeEach, afterEach }: EachTestHooks): void {
    beforeEach(() => this.begin());
    afterEach(() => this.rollback());
  }

  /** Begins what {@link rollback} undoes; see {@link beginTestTransaction} for what holds in between. */
  async begin(): Promise<void> {
    this.#transaction = await beginTestTransaction(this.site.dataSource);
  }

  /** Undoes all that was written since {@link begin}. Does nothing without it. */
  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.rollback();
  }

  /** Listens on a free port, for clients that need one; returns the origin, such as `http://127.0.0.1:41234`. */
  listen(): Promise<string> {
    return this.app.listen({ port: 0, host: '127.0.0.1' });
  }

  /** Closes the server and removes the database. */
  async close(): Promise<void> {
    await this.rollback();
    await this.app.close();
    await this.site.close();
    await this.#database.remove();
  }
}

/**
 * Opens a project for tests: on a new database with all migrations applied, behind a server that need not listen.
 *
 * ```ts
 * const notes = await openTestProject(project, { client: { format: 'json' } });
 * afterAll(() => notes.close());
 * ```
 *
 * The database is never the project's own: an embedded one in memory, or with `DATABASE_URL=postgresql://…` a new one on that server,
 * copied from one on which the migrations were applied once.
 */
export async function openTestProject(project: Project, options: TestProjectOptions = {}): Promise<TestProject> {
  const database = await createMigratedDatabase(project);
  try {
    const tested = adapt(project, database, options);
    const site = await openProject(tested);
    try {
      // There is nothing to apply; it runs what follows the migrations.
      await migrateDatabase(site.dataSource, tested, await MigrationGraph.load(tested));
      const app = Fastify(restFrameworkServerOptions(options.server));
      await app.register(restFramework, { project: site });
      return new TestProject(tested, site, app, database, options);
    } catch (error) {
      await site.close();
      throw error;
    }
  } catch (error) {
    await database.remove();
    throw error;
  }
}

function adapt(project: Project, database: TestDatabase, options: TestProjectOptions): Project {
  const settings = makeSettings({ ...project.settings, ...options.settings });
  const { allowedHosts } = settings;
  return {
    ...project,
    database: database.url,
    urls: options.urls ?? project.urls,
    settings: { ...settings, allowedHosts: allowedHosts === null ? null : [...allowedHosts, TEST_HOST] },
    secretKey: project.secretKey ?? 'the secret key of a test, long enough to be one',
    clock: options.clock ?? project.clock,
    logger: options.logger ?? silentLogger,
  };
}
