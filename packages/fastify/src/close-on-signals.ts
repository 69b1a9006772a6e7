import type { FastifyInstance } from 'fastify';

/** Options of {@link closeOnSignals}. */
export interface CloseOnSignalsOptions {
  /** Signals that close the server. Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** Milliseconds that requests have to finish; then the process ends with code 1. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Closes a server gracefully when the process is told to end: no new requests, those under way finish, the database is closed, and
 * the process ends, whatever else is open in it. A second signal ends the process at once.
 *
 * @returns takes the listeners away again
 */
export function closeOnSignals(app: FastifyInstance, options: CloseOnSignalsOptions = {}): () => void {
  const { signals = ['SIGTERM', 'SIGINT'], timeoutMs = 10_000 } = options;
  const close = (signal: NodeJS.Signals): void => {
    remove();
    app.log.info({ signal }, 'closing');
    const timer = setTimeout(() => {
      app.log.error({ timeoutMs }, 'requests did not finish in time');
      process.exit(1);
    }, timeoutMs);
    timer.unref();
    app.close().then(
      // Not left to the event loop: a connection to Redis, say, that nobody closes would keep the process.
      () => process.exit(),
      (error) => {
        app.log.error({ err: error }, 'closing failed');
        process.exit(1);
      },
    );
  };
  const remove = (): void => {
    for (const signal of signals) process.off(signal, close);
  };
  for (const signal of signals) process.on(signal, close);
  return remove;
}
