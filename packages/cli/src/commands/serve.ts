import { closeOnSignals, restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { defineCommand, openProject, pendingMigrations, UsageError } from '@rf/project';
import Fastify from 'fastify';

/** `rf serve` */
export const serve = defineCommand({
  name: 'serve',
  help: 'Serve the project over HTTP.',
  description:
    'SIGTERM and SIGINT stop it gracefully: running requests are answered, then the database is closed; a second signal ends it ' +
    'at once. /healthz and /readyz tell how it is.',
  options: {
    port: { type: 'string', short: 'p', help: 'port; the variable PORT, else 8000' },
    host: { type: 'string', help: 'address to listen on; the variable HOST, else 127.0.0.1' },
    'log-level': { type: 'string', default: 'info', help: 'trace, debug, info, warn, error, fatal or silent' },
  },
  async run({ project, options, env, stdout, stderr }) {
    const port = readPort(options.port ?? env.PORT ?? '8000');
    const host = options.host ?? env.HOST ?? '127.0.0.1';

    const app = Fastify(restFrameworkServerOptions({ logger: { level: options['log-level'] } }));
    const site = await openProject(project, { logger: app.log });
    const closed = new Promise<void>((resolve) => {
      app.addHook('onClose', () => site.close().then(resolve));
    });
    // Before it listens: a signal right after the start must not be missed.
    const stopListening = closeOnSignals(app);
    try {
      await app.register(restFramework, { project: site, healthChecks: true });
      const unapplied = (await pendingMigrations(site)).map(({ node }) => node.id);
      if (unapplied.length > 0) stderr(`Not applied: ${unapplied.join(', ')}. Run rf migrate, or expect errors.`);
      stdout(`Listening on ${await app.listen({ port, host })} – stop with Ctrl+C.`);
      await closed;
    } finally {
      stopListening();
      await app.close();
    }
  },
});

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`${JSON.stringify(text)} is no port.`);
}
