import { generateKeyPairSync } from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import { type JwtAlgorithm, JwtKey, jwtAlgorithms, type KeyMaterial } from '@rf/jwt';
import { describe, expect, test } from 'vitest';

const rsa = (bits: number, publicExponent = 0x10001) =>
  generateKeyPairSync('rsa', { modulusLength: bits, publicExponent }).privateKey;

async function refusal(material: KeyMaterial, algorithm: string): Promise<string> {
  const made = JwtKey.from(material, algorithm as JwtAlgorithm, { setting: 'jwt({ signingKey })' });
  await expect(made).rejects.toThrow(ImproperlyConfigured);
  return made.then(
    () => '',
    (error: Error) => error.message,
  );
}

describe('JwtKey', () => {
  test('refuses secrets shorter than the digest', async () => {
    for (const [algorithm, bytes] of [
      ['HS256', 32],
      ['HS384', 48],
      ['HS512', 64],
    ] as const) {
      expect(await refusal('x'.repeat(bytes - 1), algorithm)).toContain(
        `jwt({ signingKey }) cannot be used with ${algorithm}: it has ${bytes - 1} bytes and needs ${bytes}`,
      );
      expect((await JwtKey.from('x'.repeat(bytes), algorithm)).canSign).toBe(true);
    }
  });

  test('counts bytes of UTF-8, not characters', async () => {
    expect((await JwtKey.from('é'.repeat(16), 'HS256')).algorithm).toBe('HS256');
  });

  test('refuses RSA keys below 2048 bits', async () => {
    expect(await refusal(rsa(1024), 'RS256')).toContain('it has 1024 bits and needs 2048');
    expect(await refusal(rsa(1024).export({ type: 'pkcs8', format: 'pem' }) as string, 'PS512')).toContain('1024 bits');
  });

  test('refuses none and every unknown name', async () => {
    for (const name of ['none', 'None', 'hs256', 'HS1', 'ES256K', '__proto__']) {
      expect(await refusal('x'.repeat(64), name)).toContain(`is for algorithm ${JSON.stringify(name)}`);
    }
  });

  test('refuses a PEM text as a shared secret', async () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
    expect(await refusal(pem, 'HS256')).toContain('is a PEM or SSH key, but the algorithm takes a shared secret');
  });

  test('refuses a curve that is not the algorithm’s', async () => {
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    expect(await refusal(p384, 'ES256')).toContain('its curve is P-384, not P-256');
    expect(await refusal(p384, 'RS256')).toContain('its kty is "EC", not "RSA"');
    expect(await refusal(generateKeyPairSync('ed448').privateKey, 'EdDSA')).toContain('its curve is Ed448');
  });

  test('refuses a JWK that is meant for something else', async () => {
    const jwk = JSON.parse((await JwtKey.generate('ES256')).exportPrivate());
    expect(await refusal({ ...jwk, use: 'enc' }, 'ES256')).toContain('the JWK says "use": "enc"');
    expect(await refusal({ ...jwk, alg: 'ES384' }, 'ES256')).toContain('the JWK says "alg": "ES384"');
    expect(await refusal({ ...jwk, key_ops: ['encrypt'] }, 'ES256')).toContain('the JWK says "key_ops": ["encrypt"]');
  });

  test('does not quote a key that it cannot read', async () => {
    const text = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    expect(await refusal(text, 'RS256')).toBe(
      'jwt({ signingKey }) cannot be read as a PEM text, a JWK or a key object.',
    );
  });

  test('names a public-key pair by its RFC 7638 thumbprint', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const secret = await JwtKey.from(pair.privateKey, 'ES256');
    const open = await JwtKey.from(pair.publicKey.export({ type: 'spki', format: 'pem' }) as string, 'ES256');
    expect(secret.kid).toMatch(/^[\w-]{43}$/);
    expect(open.kid).toBe(secret.kid);
    expect(open.canSign).toBe(false);
    expect(() => open.signer()).toThrow('cannot be signed with a public key');
  });

  test('publishes public members only, and nothing of a shared secret', async () => {
    for (const algorithm of jwtAlgorithms) {
      const key = await JwtKey.generate(algorithm);
      const published = key.publicJwk;
      if (algorithm.startsWith('HS')) {
        expect(published).toBeUndefined();
        continue;
      }
      const members = algorithm.startsWith('ES')
        ? ['crv', 'x', 'y']
        : algorithm.startsWith('Ed')
          ? ['crv', 'x']
          : ['n', 'e'];
      expect(Object.keys(published ?? {}).toSorted()).toEqual(['kty', 'kid', 'alg', 'use', ...members].toSorted());
      expect(published).toMatchObject({ alg: algorithm, use: 'sig', kid: key.kid });
    }
  });

  test('shows no key material when it is printed', async () => {
    const key = await JwtKey.from('k'.repeat(32), 'HS256');
    expect(`${JSON.stringify(key)} ${String(key)}`).not.toContain(Buffer.from('k'.repeat(32)).toString('base64url'));
  });
});
