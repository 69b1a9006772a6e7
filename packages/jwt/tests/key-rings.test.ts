import { auth, SecretBox } from '@rf/auth';
import {
  AccessToken,
  type Claims,
  createSigningKey,
  jwksUrl,
  jwt,
  type JwtAlgorithm,
  JwtKey,
  type JwtOptions,
  JwtService,
  jwtService,
  rotateSigningKey,
  SigningKey,
  TokenError,
} from '@rf/jwt';
import { db } from '@rf/orm';
import { defineProject, migrate, openProject, type Project, type ProjectSite, runCommand } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import type { Logger } from '@rf/views';
import { CompactSign, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOW } from './backend.ts';
import { TestServer } from './server.ts';

const clock = { now: NOW };
const errors: [Record<string, unknown>, string][] = [];
const quiet: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (data, message) => void errors.push([data as Record<string, unknown>, message]),
};
let database: TestDatabase;
let project: Project;

function makeProject(options: JwtOptions, url = database.url): Project {
  return defineProject({
    apps: [auth(), jwt(options)],
    database: url,
    urls: [],
    secretKey: 'the secret key of the test project, long enough',
    clock: () => clock.now * 1000,
    logger: quiet,
  });
}

beforeAll(async () => {
  database = await createTestDatabase();
  project = makeProject({ keys: 'table' });
  await migrate(project);
});
beforeEach(() => {
  errors.length = 0;
  clock.now = NOW;
});
afterAll(() => database.remove());

/** Runs `work` on the open project with an empty table of keys. */
async function withSite(work: (site: ProjectSite) => Promise<void>): Promise<void> {
  const site = await openProject(project);
  try {
    await db(site).clear(SigningKey);
    await work(site);
  } finally {
    await site.close();
  }
}

const issue = (site: ProjectSite): Promise<string> =>
  jwtService(site).backend.encode({ exp: Math.floor(clock.now) + 300 });
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString()).kid;

describe('keys in the table', () => {
  test('sign and verify by kid, and are sealed', () =>
    withSite(async (site) => {
      const { kid } = await createSigningKey(site, 'Ed25519');
      const token = await issue(site);
      expect(kidOf(token)).toBe(kid);
      expect(await jwtService(site).backend.decode(token)).toEqual({ exp: NOW + 300 });
      const [row] = await db(site).find(SigningKey);
      expect(row?.privateEnc).toMatch(/^v1\./);
      expect(JSON.stringify(row?.publicJwk)).not.toContain('"d"');
    }));

  test('are asked for by name when there is none', () =>
    withSite(async (site) => {
      await expect(issue(site)).rejects.toThrow('Run `rf generate-jwt-key --alg ES256`.');
    }));

  test('that were sealed with a lost key verify and sign nothing, and one line of the log says which', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'ES256');
      const lost = await issue(site);
      const [row] = await db(site).find(SigningKey);
      const former = { secretKey: 'the secret key before it was changed', secretKeyFallbacks: [] };
      const privateEnc = new SecretBox(former).seal('{}');
      await db(site).update(SigningKey, row?.id ?? '', { privateEnc });
      clock.now += 31;
      await expect(jwtService(site).backend.decode(lost)).rejects.toThrow(TokenError);
      await expect(issue(site)).rejects.toThrow('Run `rf generate-jwt-key --alg ES256`.');
      expect(await jwtService(site).keys.publicKeys()).toEqual([]);
      clock.now += 31;
      const { kid } = await createSigningKey(site, 'ES256');
      await expect(jwtService(site).backend.decode(lost)).rejects.toThrow(TokenError);
      clock.now += 31;
      expect(kidOf(await issue(site))).toBe(kid);
      const told = errors.filter(([{ table }]) => table === 'jwt_signing_key');
      expect(told).toEqual([
        [
          expect.objectContaining({ row: row?.id, key: privateEnc.split('.')[1] }),
          expect.stringContaining('secretKeyFallbacks'),
        ],
      ]);
      expect(JSON.stringify(told)).not.toContain(privateEnc);
    }));

  test('are known to another process as soon as it meets a new kid', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'ES256');
      const old = await issue(site);
      const other = jwtService(site).keys;
      expect(await other.verifyingKeys(kidOf(old))).toHaveLength(1);
      const { created } = await rotateSigningKey(site, undefined);
      clock.now += 6;
      expect(await other.verifyingKeys(created.kid)).toHaveLength(1);
    }));

  test('go on verifying after a rotation until the last token has ended', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'ES256');
      const old = await issue(site);
      clock.now += 60;
      const { created, retired } = await rotateSigningKey(site, 'PS256');
      expect(created.alg).toBe('PS256');
      expect(retired.map(({ kid }) => kid)).toEqual([kidOf(old)]);
      expect(retired[0]?.retiredAt).toEqual(new Date((NOW + 60 + 86_400) * 1000));
      clock.now += 31;
      expect(kidOf(await issue(site))).toBe(created.kid);
      expect(await jwtService(site).backend.decode(old)).toEqual({ exp: NOW + 300 });
      clock.now = NOW + 60 + 86_400;
      expect(await jwtService(site).keys.verifyingKeys(kidOf(old))).toEqual([]);
    }));

  test('of other algorithms stay when one is rotated, unless a new algorithm takes the place of the newest', () =>
    withSite(async (site) => {
      const rs256 = await createSigningKey(site, 'RS256');
      clock.now += 60;
      const es256 = await createSigningKey(site, 'ES256');
      clock.now += 60;
      const second = await rotateSigningKey(site, 'RS256');
      expect(second.retired.map(({ kid }) => kid)).toEqual([rs256.kid]);

      clock.now += 60;
      const third = await rotateSigningKey(site, 'EdDSA');
      expect(third.retired.map(({ kid }) => kid)).toEqual([second.created.kid]);
      clock.now += 2 * 86_400;
      const kids = (await jwtService(site).keys.signingKeys()).map(({ kid }) => kid);
      expect(kids).toEqual([third.created.kid, es256.kid]);
    }));

  test('sign only from their time on, and are published before', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'ES256');
      const { created } = await rotateSigningKey(site, undefined, 600);
      expect(kidOf(await issue(site))).not.toBe(created.kid);
      expect((await jwtService(site).keys.publicKeys()).map(({ kid }) => kid)).toContain(created.kid);
      clock.now += 600;
      expect(kidOf(await issue(site))).toBe(created.kid);
    }));

  test('cost no query for made-up kids', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'ES256');
      await issue(site);
      const { keys } = jwtService(site);
      clock.now += 5;
      await keys.verifyingKeys('made up');
      await db(site).clear(SigningKey);
      // Still in memory, so nothing was read again for the second name.
      expect(await keys.verifyingKeys('made up too')).toEqual([]);
      expect(await keys.publicKeys()).toHaveLength(1);
      clock.now += 30;
      expect(await keys.publicKeys()).toEqual([]);
    }));
});

describe('the commands', () => {
  async function rf(name: string, ...words: string[]): Promise<{ code: number; out: string }> {
    const command = project.apps.flatMap((app) => app.commands).find((one) => one.name === name);
    const lines: string[] = [];
    const write = (text: string) => void lines.push(text);
    const terminal = { stdout: write, stderr: write, prompt: async () => '', isInteractive: false, env: {} };
    const code = await runCommand(command as NonNullable<typeof command>, words, { project, terminal });
    return { code, out: lines.join('\n') };
  }

  test('make, rotate and delete keys', async () => {
    await withSite(async () => {});
    const made = await rf('generate-jwt-key', '--alg', 'HS512');
    expect(made.out).toMatch(/^Made key [0-9a-f]{32} for HS512\. It signs from 2023-11-14T22:13:20\.000Z\.$/);
    const rotated = await rf('rotate-jwt-key', '--alg', 'ES384', '--after', '60');
    expect(rotated.out).toContain('for ES384. It signs from 2023-11-14T22:14:20.000Z.');
    expect(rotated.out).toContain('verifies until 2023-11-15T22:14:20.000Z.');
    clock.now += 86_460;
    expect((await rf('flush-expired-tokens')).out).toBe('Deleted 0 expired tokens and 1 retired keys.');
  });

  test('refuse unknown algorithms and times', async () => {
    const wrong = await rf('generate-jwt-key', '--alg', 'none');
    expect([wrong.code, wrong.out]).toEqual([2, expect.stringContaining('--alg none is none of HS256')]);
    expect((await rf('rotate-jwt-key', '--after', '1h')).code).toBe(2);
  });

  test('say so when the project takes its keys from its settings', async () => {
    const tables = project;
    project = makeProject({});
    const { code, out } = await rf('rotate-jwt-key');
    project = tables;
    expect([code, out]).toEqual([1, expect.stringContaining("Write jwt({ keys: 'table' }) to use this table.")]);
  });
});

describe('the key set', () => {
  test('is public, and holds public members only', async () => {
    const key = await JwtKey.generate('ES256');
    const former = await JwtKey.generate('ES256');
    const parse = (one: JwtKey): JWK => JSON.parse(one.exportPrivate());
    const server = await TestServer.start({
      jwt: { algorithm: 'ES256', signingKey: parse(key), verifyingKeyFallbacks: [parse(former)] },
    });
    try {
      const { status, body, headers } = await server.get('/.well-known/jwks.json');
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('public, max-age=300');
      expect(body).toEqual({ keys: [key.publicJwk, former.publicJwk] });
      for (const jwk of body.keys) {
        expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      }
    } finally {
      await server.close();
    }
  });

  test('holds no shared secret', () =>
    withSite(async (site) => {
      await createSigningKey(site, 'HS256');
      expect(await jwtService(site).keys.publicKeys()).toEqual([]);
      expect(await new JwtService(site, {}).keys.publicKeys()).toEqual([]);
    }));

  test('has a name to reverse', () => {
    expect(jwksUrl()).toMatchObject({ pattern: '/.well-known/jwks.json', name: 'jwks' });
  });
});

describe('keys of another issuer', () => {
  let elsewhere: TestDatabase;
  let site: ProjectSite;
  beforeAll(async () => {
    elsewhere = await createTestDatabase();
    site = await openProject(makeProject({}, elsewhere.url));
  });
  afterAll(async () => {
    await site.close();
    await elsewhere.remove();
  });

  const jwksUrlOption = 'https://issuer.example/jwks.json';

  /** An issuer whose key set the test may change, and what it was asked. */
  async function issuer(algorithm: JwtAlgorithm = 'ES256') {
    const key = await JwtKey.generate(algorithm);
    const state = { keys: [key.publicJwk as JWK], asked: 0, status: 200, body: undefined as string | undefined };
    const jwksFetch: typeof fetch = async (_url, init) => {
      state.asked += 1;
      expect(init?.redirect).toBe('error');
      return new globalThis.Response(state.body ?? JSON.stringify({ keys: state.keys }), { status: state.status });
    };
    const sign = async (with_ = key, claims: Claims = {}) => {
      const payload = { exp: NOW + 300, iss: 'https://issuer.example', ...claims };
      return new CompactSign(Buffer.from(JSON.stringify(payload)))
        .setProtectedHeader({ alg: with_.algorithm, kid: with_.kid as string })
        .sign(await with_.signer());
    };
    return { key, state, jwksFetch, sign };
  }

  /** A service of the project that trusts the issuer. */
  function trusting(issuerOptions: { jwksFetch: typeof fetch; algorithm?: JwtAlgorithm }): JwtService {
    const options = { jwksUrl: jwksUrlOption, issuer: 'https://issuer.example', algorithm: 'ES256' as const };
    return new JwtService(site, { ...options, ...issuerOptions });
  }

  test('are fetched once and verify its tokens', async () => {
    const { jwksFetch, sign, state } = await issuer();
    const { backend } = trusting({ jwksFetch });
    expect(await backend.decode(await sign())).toMatchObject({ exp: NOW + 300 });
    expect(await backend.decode(await sign())).toMatchObject({ exp: NOW + 300 });
    expect(state.asked).toBe(1);
  });

  test('do not verify a stranger’s token, and made-up kids fetch nothing within the cooldown', async () => {
    const { jwksFetch, sign, state } = await issuer();
    const stranger = await JwtKey.generate('ES256');
    const { backend } = trusting({ jwksFetch });
    await backend.decode(await sign());
    for (let count = 0; count < 3; count += 1) {
      await expect(backend.decode(await sign(stranger))).rejects.toThrow('Token is invalid');
    }
    expect(state.asked).toBe(1);
  });

  test('are used with the algorithm of the project, whatever the set or the token says', async () => {
    const { jwksFetch, sign } = await issuer('PS256');
    const { backend } = trusting({ jwksFetch, algorithm: 'RS256' });
    await expect(backend.decode(await sign())).rejects.toThrow('Token is invalid');
  });

  test.each([
    ['an error', { status: 500 }],
    ['no JSON', { body: '<html>' }],
    ['a set that is too long', { body: JSON.stringify({ keys: [], filler: 'x'.repeat(300_000) }) }],
  ])('are none while the address answers %s, and it is left in peace for a while', async (_what, answer) => {
    const { jwksFetch, sign, state } = await issuer();
    Object.assign(state, answer);
    const { backend } = trusting({ jwksFetch });
    const token = await sign();
    await expect(backend.decode(token)).rejects.toThrow('Token is invalid');
    await expect(backend.decode(token)).rejects.toThrow('Token is invalid');
    expect(state.asked).toBe(1);
  });

  test('let in a token without type and id where the project asks for none', async () => {
    const { jwksFetch, sign } = await issuer();
    const token = await sign(undefined, { sub: 'alice' });
    const options = { algorithm: 'ES256', jwksUrl: jwksUrlOption, jwksFetch, userIdClaim: 'sub' } as const;
    const outcome = async (more: JwtOptions) => {
      const open = await openProject(makeProject({ ...options, ...more }));
      try {
        return (await AccessToken.verify(open, token)).userId;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await open.close();
      }
    };
    expect(await outcome({})).toBe('Token has no id');
    expect(await outcome({ tokenTypeClaim: null, jtiClaim: null })).toBe('alice');
  });

  test('sign nothing here', async () => {
    const { jwksFetch } = await issuer();
    await expect(trusting({ jwksFetch }).backend.encode({})).rejects.toThrow('so this project can only verify tokens');
  });
});
