import { csrfFailure, csrfToken, type AuthSettings } from '@rf/auth';
import { APIView, authenticationClasses, path, type Request } from '@rf/views';
import { afterEach, describe, expect, test } from 'vitest';
import { Browser, TestServer } from './server.ts';

@authenticationClasses()
class Check extends APIView {
  override get(request: Request): unknown {
    csrfToken(request);
    return {};
  }
  override async post(request: Request): Promise<unknown> {
    return { failure: await csrfFailure(request) };
  }
}

let server: TestServer;
afterEach(() => server.close());

/** What the check says of requests with these headers, over https unless they say otherwise. */
async function failures(auth: AuthSettings, all: readonly Record<string, string>[]): Promise<(string | null)[]> {
  server = await TestServer.start({ urls: [path('/', Check)], auth, settings: { trustedProxies: 1 } });
  const browser = new Browser(server);
  await browser.send('GET', '/');
  const found: (string | null)[] = [];
  for (const headers of all) {
    const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example.com' };
    const { json } = await browser.send('POST', '/', { headers: { ...forwarded, ...browser.csrf, ...headers } });
    found.push(json.failure);
  }
  return found;
}

const untrusted = (what: string, value: string): string =>
  `${what} checking failed - ${value} does not match any trusted origins.`;

describe('Referer, over https and without Origin,', () => {
  const insecure = 'Referer checking failed - Referer is insecure while host is secure.';
  const malformed = 'Referer checking failed - Referer is malformed.';

  test('has to be there, whole, secure and of this host', async () => {
    expect(
      await failures({}, [
        { Referer: 'https://shop.example.com/form?a#b' },
        { Referer: 'HTTPS://shop.example.com' },
        {},
        { Referer: '' },
        { Referer: 'shop.example.com/form' },
        { Referer: 'https:///form' },
        { Referer: 'https://[::1/' },
        { Referer: 'http://shop.example.com/' },
        { Referer: 'https://shop.example.com:8443/' },
        { Referer: 'https://evil.example/?https://shop.example.com/' },
        { Referer: 'https://shop.example.com@evil.example/' },
        { 'X-Forwarded-Proto': 'http' },
      ]),
    ).toEqual([
      null,
      null,
      'Referer checking failed - no Referer.',
      malformed,
      malformed,
      malformed,
      malformed,
      insecure,
      untrusted('Referer', 'https://shop.example.com:8443/'),
      untrusted('Referer', 'https://evil.example/?https://shop.example.com/'),
      untrusted('Referer', 'https://shop.example.com@evil.example/'),
      null,
    ]);
  });

  test('may be of any host that gets the cookie, on the same port', async () => {
    expect(
      await failures({ csrf: { domain: '.example.com' } }, [
        { Referer: 'https://www.example.com/' },
        { Referer: 'https://example.com/' },
        { Referer: 'https://www.example.com:8443/' },
        { Referer: 'https://www.example.com:8443/', 'X-Forwarded-Host': 'shop.example.com:8443' },
        { Referer: 'https://www.example.org/' },
      ]),
    ).toEqual([
      null,
      null,
      untrusted('Referer', 'https://www.example.com:8443/'),
      null,
      untrusted('Referer', 'https://www.example.org/'),
    ]);
  });

  test('may be of a trusted origin', async () => {
    expect(
      await failures({ csrfTrustedOrigins: ['https://pay.example', 'https://*.friend.example'] }, [
        { Referer: 'https://pay.example/done' },
        { Referer: 'https://a.b.friend.example/' },
        { Referer: 'https://notfriend.example/' },
      ]),
    ).toEqual([null, null, untrusted('Referer', 'https://notfriend.example/')]);
  });
});

test('Origin is this scheme and host, or a trusted origin, and then no Referer is asked for', async () => {
  const wrong = ['http://shop.example.com', 'https://shop.example.com:443', 'null', '', 'https://xfriend.example'];
  expect(
    await failures({ csrfTrustedOrigins: ['https://pay.example', 'https://*.friend.example'] }, [
      { Origin: 'https://shop.example.com' },
      { Origin: 'https://pay.example' },
      { Origin: 'https://a.friend.example' },
      { Origin: 'https://friend.example' },
      { Origin: 'http://a.friend.example' },
      ...wrong.map((origin) => ({ Origin: origin })),
    ]),
  ).toEqual([
    null,
    null,
    null,
    null,
    ...['http://a.friend.example', ...wrong].map((origin) => untrusted('Origin', origin)),
  ]);
});
