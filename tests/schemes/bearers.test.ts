import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, bearerOrders, type Prover, type SchemeServer, startSchemeServer } from './scheme-server.ts';

let server: SchemeServer;
beforeAll(async () => {
  server = await startSchemeServer();
});
afterAll(() => server.close());

test.each(bearerOrders)(
  'a view that takes Bearer tokens of %s, %s and %s knows each, and lets in no wrong one',
  async (...names) => {
    const target = `/${names.join('-')}/`;
    const bearing = (authorization: string) => ({ headers: { authorization }, secrets: [] });
    for (const name of names) {
      const { authorization = '' } = (await (server.provers[name] as Prover)(target)).headers ?? {};
      expect([name, await ask(server.origin, target, bearing(authorization))]).toEqual([name, 200]);
      for (const wrong of [authorization.slice(0, -1), `${authorization}x`, `${authorization.slice(0, -3)}AAA`]) {
        expect([name, await ask(server.origin, target, bearing(wrong))]).toEqual([name, 401]);
      }
    }
    for (const wrong of ['Bearer', 'Bearer x', 'Bearer a.b.c', 'Bearer oat_', 'Bearer \xe9']) {
      expect([wrong, await ask(server.origin, target, bearing(wrong))]).toEqual([wrong, 401]);
    }
  },
);
