import { generateKeyPairSync } from 'node:crypto';
import { auth } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { jwt, type JwtOptions, JwtService, jwtService } from '@rf/jwt';
import { defineProject, openProject, type ProjectSite, runChecks } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const pem = (type: 'rsa' | 'ec', size: number | string) => {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: size as number })
      : generateKeyPairSync('ec', { namedCurve: size as string });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
};

let database: TestDatabase;
let site: ProjectSite;

const projectOf = (options: JwtOptions, secretKey = 's'.repeat(40), secretKeyFallbacks: string[] = []) =>
  defineProject({ apps: [auth(), jwt(options)], database: database.url, urls: [], secretKey, secretKeyFallbacks });

beforeAll(async () => {
  database = await createTestDatabase();
  site = await openProject(projectOf({}, 'b'.repeat(32), ['a'.repeat(32), 'x']));
});
afterAll(async () => {
  await site.close();
  await database.remove();
});

/** What a start with these options says; empty when it starts. */
async function startError(options: JwtOptions): Promise<string> {
  try {
    await new JwtService(site, options).open();
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(ImproperlyConfigured);
    return (error as Error).message;
  }
}

describe('jwt()', () => {
  test.each<[JwtOptions, string]>([
    [{ signingKey: 'secret' }, 'jwt({ signingKey }) cannot be used with HS256'],
    [{ algorithm: 'RS256', signingKey: pem('rsa', 1024) }, '1024 bits'],
    [{ algorithm: 'ES256', verifyingKey: pem('ec', 'P-384') }, 'its curve is P-384'],
    [{ verifyingKeyFallbacks: ['secret'] }, 'jwt({ verifyingKeyFallbacks[0] })'],
  ])('refuses a weak key (%#)', async (options, message) => {
    expect(await startError(options)).toContain(message);
  });

  test('does not let a project open with a weak secretKey', async () => {
    const other = await createTestDatabase();
    const apps = [auth(), jwt()];
    const project = defineProject({ apps, database: other.url, urls: [], secretKey: 'short' });
    await expect(openProject(project)).rejects.toThrow(
      "the project's secretKey, which jwt() signs with, cannot be used with HS256: it has 5 bytes and needs 32",
    );
    await other.remove();
  });

  test('refuses none, and a public-key algorithm without a key', async () => {
    expect(await startError({ algorithm: 'none' as never })).toContain('jwt(): algorithm: "none" is none of HS256');
    expect(await startError({ algorithm: 'ES256' })).toContain("jwt({ algorithm: 'ES256' }) has no key.");
  });

  test('refuses rotation without the tables it needs', async () => {
    expect(await startError({ blacklist: false })).toContain('rotateRefreshTokens and blacklistAfterRotation need');
    expect(await startError({ blacklist: false, rotateRefreshTokens: false, checkFamily: true })).toContain(
      'checkFamily needs the tables',
    );
    expect(await startError({ blacklist: false, rotateRefreshTokens: false })).toBe('');
  });

  test('refuses options that contradict each other', async () => {
    const jwksUrl = 'https://issuer.example/jwks.json';
    expect(await startError({ jwksUrl: 'http://issuer.example/jwks.json', algorithm: 'RS256' })).toContain('https://');
    expect(await startError({ jwksUrl })).toContain('jwksUrl serves public keys, but algorithm is HS256');
    expect(await startError({ jwksUrl, algorithm: 'RS256', signingKey: 'x' })).toContain('trusts another issuer');
    expect(await startError({ keys: 'table', signingKey: 'x' })).toContain("keys: 'table' takes its keys from");
    expect(await startError({ accessTokenLifetime: 0 })).toContain('accessTokenLifetime: 0 is not');
    expect(await startError({ refreshTokenLifetime: 400 * 86_400 })).toContain('above maxTokenLifetime');
    expect(await startError({ tokenTypeClaim: null })).toContain('a refresh token would pass as an access token');
    expect(await startError({ leeway: -1 })).toContain('leeway: -1');
    expect(await startError({ authHeaderTypes: [] })).toContain('authHeaderTypes is empty');
    expect(await startError({ verifyingKey: 'x' })).toContain('Remove verifyingKey');
    const cookies = { refreshPath: '/x/', sameSite: 'None', secure: false } as const;
    expect(await startError({ cookies })).toContain("sameSite: 'None'");
    expect(await startError({ cookies: { refreshPath: 'x' } })).toContain('does not start with /');
  });

  test('reads tokens of a former secret key, and signs with the present one', async () => {
    const now = Math.floor(Date.now() / 1000);
    const past = new JwtService(site, { signingKey: 'a'.repeat(32) });
    const present = jwtService(site);
    expect(await present.backend.decode(await past.backend.encode({ exp: now + 60 }))).toEqual({ exp: now + 60 });
    expect(await present.backend.decode(await present.backend.encode({ exp: now + 61 }))).toEqual({ exp: now + 61 });
    const own = await present.backend.encode({ exp: now + 60 });
    await expect(past.backend.decode(own)).rejects.toThrow('Token is invalid');
  });

  test('only verifies where it has only a public key', async () => {
    const pair = generateKeyPairSync('ed25519');
    const verifyingKey = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const service = new JwtService(site, { algorithm: 'EdDSA', verifyingKey });
    await expect(service.backend.encode({})).rejects.toThrow('can only verify tokens');
  });

  test('warns of what is unsafe to deploy', async () => {
    const ids = async (options: JwtOptions, deploy: boolean) =>
      (await runChecks(projectOf(options), { deploy })).map(({ id }) => id).filter((id) => id.startsWith('jwt.'));
    expect(await ids({}, false)).toEqual([]);
    expect(await ids({}, true)).toEqual([]);
    expect(await ids({ blacklistAfterRotation: false }, false)).toEqual(['jwt.W003']);
    expect(await ids({ accessTokenLifetime: 7200 }, true)).toEqual(['jwt.W004']);
    expect(await ids({ accessTokenLifetime: 7200, checkFamily: true }, true)).toEqual([]);
    expect(await ids({ cookies: { refreshPath: '/', secure: false } }, true)).toEqual(['jwt.W002']);
    expect(await ids({ jwksUrl: 'https://issuer.example/', algorithm: 'RS256' }, false)).toEqual(['jwt.W005']);
  });
});
