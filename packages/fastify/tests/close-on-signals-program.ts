// A server that closes on signals; see close-on-signals.test.ts.
import { setTimeout as sleep } from 'node:timers/promises';
import { closeOnSignals } from '@rf/fastify';
import { APIView, path } from '@rf/views';
import { Server } from './server.ts';

class Slow extends APIView {
  override async get() {
    process.send?.('begun');
    await sleep(Number(process.argv[2]));
    return { done: true };
  }
}

const server = await Server.start({
  urls: [path('/slow/', Slow)],
  before: (app) =>
    app.addHook('onClose', async () => {
      process.send?.('closed');
    }),
});
closeOnSignals(server.app, { timeoutMs: Number(process.argv[3]) });
process.send?.(server.port);
