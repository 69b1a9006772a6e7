import { closeOnSignals, restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { migrate, openProject } from '@rf/project';
import Fastify from 'fastify';
import { makeDemo } from './demo.ts';
import { hints } from './hints.ts';
import { project } from './project.ts';

const port = Number(process.env.PORT ?? 8000);
const host = process.env.HOST ?? '127.0.0.1';

await migrate(project);
const app = Fastify({ ...restFrameworkServerOptions(), logger: { level: process.env.LOG_LEVEL ?? 'warn' } });
const site = await openProject(project, { logger: app.log });
app.addHook('onClose', () => site.close());
await app.register(restFramework, { project: site, healthChecks: true });
const demo = await makeDemo(site);
await app.listen({ port, host });
process.stdout.write(`${hints(`http://${host}:${port}`, demo)}\n`);

closeOnSignals(app);
