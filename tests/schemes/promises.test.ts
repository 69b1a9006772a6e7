import { users } from '@rf/auth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Prover, type SchemeServer, schemes, startSchemeServer } from './scheme-server.ts';

/** Schemes whose proofs count once. */
const ONCE = ['digest', 'hawk', 'oauth1-header', 'oauth1-query', 'signature', 'cavage'];

let server: SchemeServer;
beforeAll(async () => {
  server = await startSchemeServer();
});
afterAll(() => server.close());

const prove = (name: string, target: string) => (server.provers[name] as Prover)(target);

test.each(ONCE)('a proof of %s is refused the second time', async (name) => {
  const target = `/${name}/?page=1`;
  const proof = await prove(name, target);
  expect([await ask(server.origin, target, proof), await ask(server.origin, target, proof)]).toEqual([200, 401]);
});

test.each(ONCE)('a proof of %s stays used when the transaction of its request is rolled back', async (name) => {
  const target = `/${name}/?crash=1`;
  const proof = await prove(name, target);
  expect([await ask(server.origin, target, proof), await ask(server.origin, target, proof)]).toEqual([500, 401]);
});

test.each(Object.keys(schemes))('by %s nobody comes in while they are inactive', async (name) => {
  const target = `/${name}/?page=1`;
  const proof = await prove(name, target);
  await users(server.site).update({ username: 'alice' }, { isActive: false });
  const whileInactive = await ask(server.origin, target, proof);
  await users(server.site).update({ username: 'alice' }, { isActive: true });
  expect(whileInactive).toBe(name === 'session' ? 403 : 401);
  expect(await ask(server.origin, target, await prove(name, target))).toBe(200);
});

test('by no scheme does anybody come in who was deleted', async () => {
  const names = Object.keys(schemes);
  const proofs = await Promise.all(names.map((name) => prove(name, `/${name}/?page=1`)));
  const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
  await users(server.site).remove(alice);
  const statuses: [string, number][] = [];
  for (const [at, name] of names.entries()) {
    const proof = proofs[at] as Awaited<ReturnType<Prover>>;
    statuses.push([name, await ask(server.origin, `/${name}/?page=1`, proof)]);
  }
  expect(statuses).toEqual(names.map((name) => [name, name === 'session' ? 403 : 401]));
});
