import { baseStringUri, normalizeParameters, percentDecode, percentEncode, verifySignature } from '@rf/oauth1';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

test.each([
  ['', ''],
  ['abcABC123-._~', 'abcABC123-._~'],
  ["!'()*+ %", '%21%27%28%29%2A%2B%20%25'],
  ['é☃😀', '%C3%A9%E2%98%83%F0%9F%98%80'],
  ['\ud800', '%EF%BF%BD'],
])('%j is signed as %j', (text, encoded) => {
  expect(percentEncode(text)).toBe(encoded);
});

test.each(['%zz', '%', '%2', '%2b', '%41', '+', 'a b', '%FF', '"'])('%j is not the spelling that is signed', (text) => {
  expect(percentDecode(text)).toBe(null);
});

test('what is encoded is decoded to itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(percentDecode(percentEncode(text))).toBe(text);
    }),
  );
});

test.each([
  [{ scheme: 'http', host: 'a.example:80', path: '/' }, 'http://a.example/'],
  [{ scheme: 'https', host: 'a.example:80', path: '/' }, 'https://a.example:80/'],
  [{ scheme: 'https', host: '[::1]:443', path: '/x' }, 'https://[::1]/x'],
  [{ scheme: 'HTTP', host: 'A.Example', path: '' }, 'http://a.example/'],
  [{ scheme: 'http', host: 'a.example:', path: '/' }, 'http://a.example/'],
  [{ scheme: 'http', host: '[::1]:08080', path: '/' }, 'http://[::1]:8080/'],
])('the URI of %j is %s', (place, uri) => {
  expect(baseStringUri(place)).toBe(uri);
});

test('parameters are sorted by encoded name, then by encoded value', () => {
  // "~" sorts after letters, "é" as "%C3…" before them.
  const parameters = [
    ['b', '2'],
    ['a', '~'],
    ['é', '1'],
    ['a', 'z'],
    ['a', ' '],
  ] as const;
  expect(normalizeParameters(parameters)).toBe('%C3%A9=1&a=%20&a=z&a=~&b=2');
});

describe('a signature that cannot be one is wrong, and throws nothing', () => {
  const secrets = { consumerSecret: 's', tokenSecret: '' };
  test.each(['', 'é', 'x'.repeat(10_000), '=', '\0'])('%j', (signature) => {
    for (const method of ['HMAC-SHA1', 'HMAC-SHA512', 'PLAINTEXT', 'RSA-SHA256'] as const) {
      expect(verifySignature(method, 'b', signature, secrets)).toBe(false);
    }
  });
});
