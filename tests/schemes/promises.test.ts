import { users } from '@rf/auth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendExactly } from '../../packages/auth/tests/exact-request.ts';
import { ask, type Prover, type SchemeServer, schemes, startSchemeServer } from './scheme-server.ts';

/** Schemes whose proofs count once. */
const ONCE = ['digest', 'hawk', 'oauth1-header', 'oauth1-query', 'signature', 'cavage'];

/** Schemes whose proof is all in that field. */
const IN_AUTHORIZATION = [
  'basic',
  'token',
  'access-token',
  'jwt',
  'oauth2',
  'digest',
  'hawk',
  'oauth1-header',
  'cavage',
];

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

test.each(IN_AUTHORIZATION)(
  'a proof of %s beside a second Authorization line is refused, whichever comes first',
  async (name) => {
    const target = `/${name}/?page=1`;
    const { headers = {} } = await prove(name, target);
    const { authorization = '', ...others } = headers;
    const host = new URL(server.origin).host;
    for (const lines of [
      [authorization, 'Basic eDp5'],
      ['Basic eDp5', authorization],
      [authorization, authorization],
    ]) {
      const sent = { target, headers: { host, ...others, authorization: lines } };
      expect((await sendExactly(server.origin, sent)).status).toBe(401);
    }
    expect(await ask(server.origin, target, { headers, secrets: [] })).toBe(200);
  },
);

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
