import { addToRedirectUri, isSameRedirectUri, redirectUriProblem } from '@rf/oauth2';
import { describe, expect, test } from 'vitest';

describe('registering', () => {
  test.each([
    'https://client.example/cb',
    'https://client.example',
    'https://client.example:8443/cb?x=1',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:8080/cb',
    'http://[::1]/cb',
    'http://localhost/cb',
    'com.example.app:/cb',
    'com.example.app://cb',
  ])('%s is accepted', (uri) => {
    expect(redirectUriProblem(uri)).toBeNull();
  });

  test.each([
    ['http://client.example/cb', /is http; only https/],
    ['http://127.0.0.1.evil.example/cb', /is http; only https/],
    ['http://localhost@evil.example/cb', /user name/],
    ['http://127.0.0.1:0/cb', /is http; only https/],
    ['https://client.example/cb#f', /fragment/],
    ['https://user:pw@client.example/cb', /user name or password/],
    ['https://*.client.example/cb', /wildcard/],
    ['https://CLIENT.example/cb', /write https:\/\/client\.example\/cb/],
    ['https://client.example:443/cb', /write https:\/\/client\.example\/cb/],
    ['https://client.example/a/../cb', /write https:\/\/client\.example\/cb/],
    ['https:client.example/cb', /has no host/],
    ['https:///client.example/cb', /has no host/],
    ['https://client.example\\@evil.example', /user name|normal form/],
    ['//client.example/cb', /not an absolute URI/],
    ['/cb', /not an absolute URI/],
    ['', /characters/],
    ['https://client.example/a b', /characters/],
    ['https://client.example/\n', /characters/],
    ['https://клиент.example/', /characters/],
    ['javascript:alert(1)', /scheme javascript/],
    ['data:text/html,x', /scheme data/],
    ['myapp:/cb', /scheme myapp/],
    ['file:///etc/passwd', /scheme file/],
  ])('%s is refused', (uri, problem) => {
    expect(redirectUriProblem(uri)).toMatch(problem);
  });
});

describe('a request', () => {
  const same = (registered: string, requested: string, localhost = true): boolean =>
    isSameRedirectUri(registered, requested, { localhost });

  test('names a registered address letter by letter', () => {
    expect(same('https://client.example/cb', 'https://client.example/cb')).toBe(true);
    expect(same('https://client.example/cb', 'https://client.example/cb/')).toBe(false);
    expect(same('https://client.example/cb', 'https://client.example:9999/cb')).toBe(false);
    expect(same('https://client.example/cb', 'https://client.example/cb?evil=1')).toBe(false);
  });

  test('may choose the port of an address of the own machine', () => {
    expect(same('http://127.0.0.1/cb', 'http://127.0.0.1:51004/cb')).toBe(true);
    expect(same('http://127.0.0.1:8080/cb', 'http://127.0.0.1/cb')).toBe(true);
    expect(same('http://[::1]/cb?x=1', 'http://[::1]:61023/cb?x=1')).toBe(true);
  });

  test.each([
    'http://127.0.0.1:51004/other',
    'http://127.0.0.1:51004/cb?x=1',
    'http://127.0.0.1:51004/cb#f',
    'http://127.0.0.1:65536/cb',
    'http://127.0.0.1:0/cb',
    'http://127.0.0.1:080/cb',
    'http://127.0.0.1:1@evil.example/cb',
    'http://127.0.0.1.evil.example:80/cb',
    'http://localhost:51004/cb',
    'http://127.0.0.1:51004',
    'https://127.0.0.1:51004/cb',
  ])('may not name %s for http://127.0.0.1/cb', (requested) => {
    expect(same('http://127.0.0.1/cb', requested)).toBe(false);
  });

  test('may choose the port of localhost only where the rules say so', () => {
    expect(same('http://localhost/cb', 'http://localhost:5000/cb', true)).toBe(true);
    expect(same('http://localhost/cb', 'http://localhost:5000/cb', false)).toBe(false);
    expect(same('http://localhost/cb', 'http://localhost/cb', false)).toBe(true);
  });
});

test('an answer is added to the query and leaves the rest as it is registered', () => {
  expect(addToRedirectUri('https://c.example/cb', { code: 'a', state: null })).toBe('https://c.example/cb?code=a');
  expect(addToRedirectUri('https://c.example/c%62?x=1', { state: 'a&b c' })).toBe(
    'https://c.example/c%62?x=1&state=a%26b+c',
  );
});
