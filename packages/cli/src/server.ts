import { restFramework } from '@rf/fastify';
import { isDatabaseUnavailable } from '@rf/orm';
import { openProject, pendingMigrations, type Project, type ProjectSite } from '@rf/project';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';

export interface ServerOptions {
  /** Fastify's `logger` option; standard output unless given. */
  readonly logger?: FastifyServerOptions['logger'];
}

/** A server that does not listen yet. */
export interface ProjectServer {
  readonly app: FastifyInstance;
  readonly site: ProjectSite;
  /** Makes `/readyz` answer 503, lets running requests end, closes server and project. */
  close(): Promise<void>;
}

/**
 * Makes the server of `rf serve`: the project's URLs, and two for whoever watches over the process.
 *
 * `/healthz` answers 200 while the process lives; `/readyz` 200 while it can answer requests: 503 when the database does not
 * answer, or when the server is about to stop.
 */
export async function createServer(project: Project, options: ServerOptions = {}): Promise<ProjectServer> {
  const app = Fastify({
    logger: options.logger ?? { level: 'info' },
    // A client that never ends its headers or its body holds a connection for this long only.
    requestTimeout: 60_000,
    http: { headersTimeout: 20_000 },
    forceCloseConnections: 'idle',
  });
  const site = await openProject(project, { logger: app.log });
  let isStopping = false;

  app.get('/healthz', { logLevel: 'silent' }, async () => ({ status: 'ok' }));
  app.get('/readyz', { logLevel: 'silent' }, async (_request, reply) => {
    const reason = isStopping ? 'stopping' : await databaseTrouble(site);
    return reason === null ? { status: 'ok' } : reply.code(503).send({ status: reason });
  });
  await app.register(restFramework, { project: site });

  return {
    app,
    site,
    async close() {
      isStopping = true;
      await app.close();
      await site.close();
    },
  };
}

async function databaseTrouble(site: ProjectSite): Promise<string | null> {
  try {
    await site.dataSource.query('SELECT 1');
    return null;
  } catch (error) {
    if (!isDatabaseUnavailable(error)) site.logger.error({ err: error }, 'the database does not answer as it should');
    return 'database unavailable';
  }
}

/** Names of migrations that are not applied; nothing when the database cannot be asked. */
export async function unappliedMigrations(project: Project): Promise<string[]> {
  const steps = await pendingMigrations(project);
  return steps.map(({ node }) => node.id);
}
