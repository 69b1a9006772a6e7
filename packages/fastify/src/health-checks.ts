import type { ProjectSite } from '@rf/project';
import type { FastifyInstance } from 'fastify';

/** Where the health of a server is told. */
export interface HealthCheckPaths {
  /** 200 while the process answers. Default `/healthz`. */
  readonly live?: string;
  /** 200 while it can do its work, which takes the database; else 503. Default `/readyz`. */
  readonly ready?: string;
}

/** Longest that the database may take to answer. */
const PING_MS = 2000;

/** Adds the two routes. They are answered without the project's policies and are not logged. */
export function addHealthChecks(app: FastifyInstance, site: ProjectSite, paths: HealthCheckPaths): void {
  let isClosing = false;
  let pinging: Promise<boolean> | undefined;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  // Callers in parallel share one query: health checks must not load the database.
  const isReady = (): Promise<boolean> => {
    pinging ??= ping(site).finally(() => {
      pinging = undefined;
    });
    return pinging;
  };
  const options = { logLevel: 'silent' } as const;
  app.get(paths.live ?? '/healthz', options, async () => ({ status: 'ok' }));
  app.get(paths.ready ?? '/readyz', options, async (_request, reply) => {
    if (!isClosing && (await isReady())) return { status: 'ok' };
    return reply.code(503).send({ status: isClosing ? 'closing' : 'database unavailable' });
  });
}

async function ping(site: ProjectSite): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PING_MS);
  });
  try {
    const answered = site.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
