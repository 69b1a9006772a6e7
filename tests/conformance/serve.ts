// Serves the reference application: PORT (default 8000), DATABASE_URL (default an embedded database in memory).
import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { migrateDatabase, MigrationGraph, openProject } from '@rf/project';
import Fastify from 'fastify';
import { project } from './app/project.ts';

const port = Number(process.env.PORT ?? 8000);
const site = await openProject(project);
await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
const app = Fastify({ ...restFrameworkServerOptions(), logger: false });
await app.register(restFramework, { project: site });
await app.listen({ port, host: '127.0.0.1' });
process.stdout.write(`listening on http://127.0.0.1:${port}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void app.close().then(() => site.close()));
}
