import { expect, test } from 'vitest';
import { readClientIdUrl } from '../src/client-metadata/client-id-url.ts';

test.each([
  'https://client.example/oauth.json',
  'https://client.example/',
  'https://client.example/a/b/',
  'https://client.example:8443/oauth.json',
  'https://client.example:443/oauth.json',
  'https://client.example/oauth.json?v=1',
  'https://93.184.215.14/oauth.json',
  'https://[2606:4700::1111]/oauth.json',
  'https://client.example/a..b/...',
])('%s may be the id of a client', (clientId) => {
  expect(readClientIdUrl(clientId)).toBeInstanceOf(URL);
});

test.each([
  'http://client.example/oauth.json',
  'HTTPS://client.example/oauth.json',
  'https://client.example',
  'https://client.example?x',
  'https://client.example/oauth.json#',
  'https://client.example/oauth.json#x',
  'https://user@client.example/oauth.json',
  'https://user:pw@client.example/oauth.json',
  'https://@client.example/oauth.json',
  'https://client.example/./oauth.json',
  'https://client.example/a/../oauth.json',
  'https://client.example/%2e%2e/oauth.json',
  'https://client.example/..',
  'https://client.example\\oauth.json',
  'https://Client.example/oauth.json',
  'https://client.example:99999/oauth.json',
  'https://client.example:0443/oauth.json',
  'https://client.example:/oauth.json',
  'https://127.1/oauth.json',
  'https://0x7f000001/oauth.json',
  'https://2130706433/oauth.json',
  'https://clíent.example/oauth.json',
  'https:///oauth.json',
  'https:client.example/oauth.json',
  'https://client.example/a b',
  'https://client.example/a\0b',
  'https://client.example/a\nb',
  `https://client.example/${'x'.repeat(255)}`,
  'ftp://client.example/oauth.json',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '',
])('%j may not', (clientId) => {
  expect(readClientIdUrl(clientId)).toBeNull();
});
