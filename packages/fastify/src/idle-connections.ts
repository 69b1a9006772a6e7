import type { FastifyInstance } from 'fastify';

/** How often a closing server looks for connections that have become idle. */
const LOOK_EVERY_MS = 50;

/**
 * Lets a closing server end as soon as the last request is answered. Node closes the connections that are idle when closing begins;
 * those that finish a request after that would be kept alive for a minute.
 */
export function closeIdleConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const { server } = app;
    if (typeof server.closeIdleConnections !== 'function') return;
    const timer = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS);
    server.once('close', () => clearInterval(timer));
    timer.unref();
  });
}
