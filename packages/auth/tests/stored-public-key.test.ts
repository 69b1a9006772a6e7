import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { storedPublicKey } from '@rf/auth';
import { expect, test } from 'vitest';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('reads PEM and JWK, and each but once', () => {
  const { publicKey, privateKey } = pair();
  const message = Buffer.from('message');
  const signature = sign('sha256', message, privateKey);
  const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string;

  expect(verify('sha256', message, storedPublicKey(pem), signature)).toBe(true);
  expect(verify('sha256', message, storedPublicKey(publicKey.export({ format: 'jwk' })), signature)).toBe(true);
  expect(storedPublicKey(pem)).toBe(storedPublicKey(pem));
  expect(storedPublicKey(publicKey.export({ format: 'jwk' }))).toBe(
    storedPublicKey(publicKey.export({ format: 'jwk' })),
  );
});

test('tells keys apart, after more of them than are kept as well', () => {
  const jwks = Array.from({ length: 1100 }, () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }));
  for (const jwk of [...jwks, ...jwks]) expect(storedPublicKey(jwk).export({ format: 'jwk' })).toEqual(jwk);
});

test('throws for what is no key, each time', () => {
  expect(() => storedPublicKey('no key')).toThrow();
  expect(() => storedPublicKey('no key')).toThrow();
  expect(() => storedPublicKey({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })).toThrow();
});
