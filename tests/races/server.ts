// One of the processes that race: prints its port when it listens, and ends with its parent.
import { restFramework } from '@rf/fastify';
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import project, { connectRedis } from './project.ts';

await connectRedis();
const app = Fastify();
await app.register(restFramework, { project });
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
