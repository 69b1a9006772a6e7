import { once } from 'node:events';
import { defineCommand, UsageError } from '@rf/project';
import { createServer, unappliedMigrations } from '../server.ts';

/** `rf serve` */
export const serve = defineCommand({
  name: 'serve',
  help: 'Serve the project over HTTP.',
  description:
    'SIGTERM and SIGINT stop it gracefully: running requests are answered, then the database is closed; a second signal ends it ' +
    'at once. /healthz and /readyz tell how it is. Behind a proxy, see docs/deployment.md.',
  options: {
    port: { type: 'string', short: 'p', help: 'port; the variable PORT, else 8000' },
    host: { type: 'string', help: 'address to listen on; the variable HOST, else 127.0.0.1' },
    'log-level': { type: 'string', default: 'info', help: 'trace, debug, info, warn, error, fatal or silent' },
  },
  async run({ project, options, env, stdout, stderr }) {
    const port = Number(options.port ?? env.PORT ?? 8000);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new UsageError(`${options.port ?? env.PORT} is no port.`);
    const host = options.host ?? env.HOST ?? '127.0.0.1';

    const unapplied = await unappliedMigrations(project);
    if (unapplied.length > 0) {
      stderr(`Not applied: ${unapplied.join(', ')}. Run rf migrate, or expect errors.`);
    }
    const server = await createServer(project, { logger: { level: options['log-level'] } });
    try {
      // Told before it listens: a signal right after the start must not be missed.
      const stopped = signal();
      const address = await server.app.listen({ port, host });
      stdout(`Listening on ${address} – stop with Ctrl+C.`);
      await stopped;
    } finally {
      await server.close();
    }
  },
});

/** Resolves at the first signal to stop; the second one ends the process. */
async function signal(): Promise<void> {
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => process.exit(130));
}
