import { closeOnSignals, restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { migrate, openProject } from '@rf/project';
import Fastify from 'fastify';
import { hints, welcome } from './hints.ts';
import { project } from './project.ts';
import { seed } from './shop/seed.ts';

const port = Number(process.env.PORT ?? 8000);
const host = process.env.HOST ?? '127.0.0.1';

const app = Fastify(restFrameworkServerOptions({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } }));
const site = await openProject(project, { logger: app.log });
await migrate(site);
app.addHook('onClose', () => site.close());
await app.register(restFramework, { project: site, healthChecks: true });
await seed(site);
const origin = await app.listen({ port, host });
process.stdout.write(`${welcome(origin, await hints(site, origin))}\n`);

closeOnSignals(app);
