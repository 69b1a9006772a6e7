import { type ClientWithSecret, OAuth2Client, type OAuth2Options } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorize, browserOf, CALLBACK, CHALLENGE, type Page, type Server, startServer } from './server.ts';

let server: Server;
let made: ClientWithSecret;
beforeAll(async () => {
  server = await startServer();
  made = await server.client();
});
afterAll(() => server.close());

const target = (params: Readonly<Record<string, string>> = {}, client = made.client): string => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    scope: 'read',
    state: 'a state & more',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...params,
  });
  return `/oauth2/authorize/?${query}`;
};

async function open(params: Readonly<Record<string, string>> = {}, client = made.client): Promise<Page> {
  return (await browserOf(server, 'alice')).get(target(params, client));
}

const answerOf = (page: Page): Record<string, string> =>
  Object.fromEntries(page.location === null ? [] : new URL(page.location).searchParams);

describe('the consent page', () => {
  test('shows client, user, scopes with their meaning, and where the user is sent', async () => {
    const { status, body } = await open({ scope: 'read write' });
    expect(status).toBe(200);
    for (const text of ['Notes app', 'alice', 'Read your notes', 'Change your notes', 'client.example']) {
      expect(body).toContain(text);
    }
  });

  test('may be framed by nobody, cached by nobody, and runs no script', async () => {
    const { headers } = await open();
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    // Its form leads on to the client.
    expect(headers.get('content-security-policy')).not.toContain('form-action');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  test('shows a hostile name and state as text', async () => {
    const hostile = await server.client({ name: '<script>alert(1)</script>"\'&' });
    const { body } = await open({ state: '"><img src=x onerror=alert(1)>' }, hostile.client);
    expect(body).not.toContain('<script');
    expect(body).not.toContain('<img');
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
  });

  test('sends a code, the state and the issuer back when the user allows it', async () => {
    const answer = await authorize(server, made.client, { params: { state: 'a state & more' } });
    expect(Object.fromEntries(answer)).toEqual({
      code: expect.stringMatching(/^oac_/),
      state: 'a state & more',
      iss: server.url,
    });
  });

  test('tells the client when the user refuses', async () => {
    const client = (await server.client()).client;
    const answer = await authorize(server, client, { decision: 'deny' });
    expect(Object.fromEntries(answer)).toEqual({ error: 'access_denied', state: 'st', iss: server.url });
  });

  test('needs a CSRF token', async () => {
    const browser = await browserOf(server, 'alice');
    const { searchParams } = new URL(target(), server.url);
    const page = await browser.post('/oauth2/authorize/', { ...Object.fromEntries(searchParams), decision: 'allow' });
    expect(page.status).toBe(403);
    expect(page.body).toContain('CSRF Failed');
  });

  test('checks again what the form sends back', async () => {
    const browser = await browserOf(server, 'alice');
    const page = await browser.get(target({}, (await server.client()).client));
    const changed = await browser.submit('/oauth2/authorize/', page, {
      redirect_uri: 'https://evil.example/',
      decision: 'allow',
    });
    expect([changed.status, changed.location]).toEqual([400, null]);
  });
});

describe('who is not logged in', () => {
  test('goes to the login page and comes back to the same request', async () => {
    const { location } = await server.browser().get(target());
    const url = new URL(location ?? '', server.url);
    expect(url.pathname).toBe('/login/');
    expect(url.searchParams.get('next')).toBe(target());
  });

  test('with prompt=none is answered login_required', async () => {
    const page = await server.browser().get(target({ prompt: 'none' }));
    expect(answerOf(page).error).toBe('login_required');
  });

  test('is not shown the login page for a client that does not exist', async () => {
    const page = await server.browser().get(target({ client_id: 'nobody-at-all' }));
    expect([page.status, page.location]).toEqual([400, null]);
  });
});

describe('a request is answered by a page, never a redirect, when', () => {
  test.each([
    ['the client is unknown', { client_id: 'nobody-at-all' }, 'Unknown client.'],
    ['the client is missing', { client_id: '' }, 'Missing client_id parameter.'],
    ['the client has a NUL', { client_id: 'a\0b' }, 'Unknown client.'],
    ['the redirect URI is another', { redirect_uri: 'https://evil.example/cb' }, 'Mismatching redirect URI.'],
    ['the redirect URI has more', { redirect_uri: `${CALLBACK}?x=1` }, 'Mismatching redirect URI.'],
  ])('%s', async (_case, params, text) => {
    const page = await open(params as unknown as Record<string, string>);
    expect([page.status, page.location]).toEqual([400, null]);
    expect(page.body).toContain(text);
  });

  test('the client or the redirect URI comes twice', async () => {
    const browser = await browserOf(server, 'alice');
    for (const more of [`&client_id=${made.client.clientId}`, `&redirect_uri=${encodeURIComponent(CALLBACK)}`]) {
      expect((await browser.get(target() + more)).status).toBe(400);
    }
  });

  test('the redirect URI is left out and several are registered', async () => {
    const { client } = await server.client({ redirectUris: [CALLBACK, `${CALLBACK}2`] });
    expect((await open({ redirect_uri: '' }, client)).status).toBe(400);
  });

  test('a bad redirect URI was written past the checks', async () => {
    const { client } = await server.client();
    await db(server.site).update(OAuth2Client, { id: client.id }, { redirectUris: ['http://client.example/cb'] });
    expect((await open({ redirect_uri: 'http://client.example/cb' }, client)).status).toBe(400);
  });

  test('the client is inactive', async () => {
    const { client } = await server.client();
    await db(server.site).update(OAuth2Client, { id: client.id }, { active: false });
    expect((await open({}, client)).status).toBe(400);
  });
});

describe('the client is told by a redirect when', () => {
  test.each([
    ['the response type is missing', { response_type: '' }, 'invalid_request'],
    ['the response type is another', { response_type: 'token' }, 'unsupported_response_type'],
    ['the scope is unknown', { scope: 'nope' }, 'invalid_scope'],
    ['the response mode is another', { response_mode: 'fragment' }, 'invalid_request'],
    ['the prompt is unknown', { prompt: 'create' }, 'invalid_request'],
    ['the prompt contradicts itself', { prompt: 'none login' }, 'invalid_request'],
    ['the nonce has a NUL', { nonce: 'a\0' }, 'invalid_request'],
    ['the challenge is missing', { code_challenge: '', code_challenge_method: '' }, 'invalid_request'],
  ])('%s', async (_case, params, error) => {
    const page = await open(params as unknown as Record<string, string>);
    expect(page.status).toBe(302);
    expect(answerOf(page)).toMatchObject({ error, state: 'a state & more', iss: server.url });
    expect(page.location?.startsWith(`${CALLBACK}?error=`)).toBe(true);
  });

  test('a parameter comes twice; two states are none', async () => {
    const browser = await browserOf(server, 'alice');
    const page = await browser.get(`${target()}&state=other&foo=1`);
    expect(answerOf(page)).toMatchObject({ error: 'invalid_request' });
    expect(answerOf(page)).not.toHaveProperty('state');
    expect(answerOf(await browser.get(`${target()}&foo=1&foo=2`)).error).toBe('invalid_request');
  });
});

describe('a consent', () => {
  test('is remembered for a client that keeps a secret, up to its scopes', async () => {
    const { client } = await server.client();
    await authorize(server, client, { params: { scope: 'read' } });
    expect(answerOf(await open({ scope: 'read' }, client))).toHaveProperty('code');
    expect((await open({ scope: 'read write' }, client)).status).toBe(200);
    expect((await open({ scope: 'read', prompt: 'consent' }, client)).status).toBe(200);
    expect((await open({ scope: 'read', approval_prompt: 'force' }, client)).status).toBe(200);
  });

  test('of one user says nothing of another', async () => {
    const { client } = await server.client();
    await authorize(server, client, { params: { scope: 'read' } });
    expect((await (await browserOf(server, 'bob')).get(target({}, client))).status).toBe(200);
  });

  test('is asked each time for a public client, which anybody can pose as', async () => {
    const { client } = await server.client({ clientType: 'public' });
    await authorize(server, client, { params: { scope: 'read' } });
    expect((await open({}, client)).status).toBe(200);
  });

  test('with prompt=none is answered consent_required unless it is there', async () => {
    const { client } = await server.client();
    expect(answerOf(await open({ prompt: 'none' }, client)).error).toBe('consent_required');
    await authorize(server, client, { params: { scope: 'read' } });
    expect(answerOf(await open({ prompt: 'none' }, client))).toHaveProperty('code');
  });

  test('is not asked for a first-party client that skips it', async () => {
    const { client } = await server.client({ firstParty: true, skipConsent: true });
    expect(answerOf(await open({}, client))).toHaveProperty('code');
  });

  test('cannot be skipped by somebody else’s client', async () => {
    await expect(server.client({ skipConsent: true })).rejects.toThrow(
      'Only a first-party client may skip the consent.',
    );
  });
});

test('prompt=login asks for the password again, then continues without it', async () => {
  const { location } = await open({ prompt: 'login' });
  const next = new URL(location ?? '', server.url).searchParams.get('next') ?? '';
  expect(location?.startsWith('/login/?')).toBe(true);
  expect(next).toContain('client_id=');
  expect(next).not.toContain('prompt');
});

describe('options', () => {
  const withOptions = async (oauth2: Partial<OAuth2Options>, run: (own: Server) => Promise<void>): Promise<void> => {
    const own = await startServer({ oauth2 });
    await run(own);
    await own.close();
  };

  test('pkceRequired false lets confidential clients leave PKCE out, public ones not', () =>
    withOptions({ pkceRequired: false }, async (own) => {
      const without = { code_challenge: '', code_challenge_method: '' };
      const trusted = await authorize(own, (await own.client()).client, { params: without });
      expect(trusted.has('code')).toBe(true);
      const open = await authorize(own, (await own.client({ clientType: 'public' })).client, { params: without });
      expect(open.get('error_description')).toBe('Code challenge required.');
    }));

  test('an issuer is repeated as it is written', () =>
    withOptions({ issuer: 'https://api.example.com/tenant' }, async (own) => {
      const answer = await authorize(own, (await own.client()).client);
      expect(answer.get('iss')).toBe('https://api.example.com/tenant');
      const metadata = await (await fetch(`${own.url}/.well-known/oauth-authorization-server`)).json();
      expect(metadata).toMatchObject({
        issuer: 'https://api.example.com/tenant',
        token_endpoint: 'https://api.example.com/oauth2/token/',
      });
    }));
});
