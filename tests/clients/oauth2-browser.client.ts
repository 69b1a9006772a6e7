import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHALLENGE, send, VERIFIER } from '../../packages/oauth2/tests/server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveOAuth2 } from './oauth2-server.ts';

export const name = 'Chromium: login, consent, registration, device and disconnect pages';
export const requires = ['chromium'];
export const serve = serveOAuth2;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const site = await startClientSite(baseUrl, context.values.NATIVE_ID ?? '');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const person = await browser.newContext();
    await consent(await person.newPage(), baseUrl, site.origin, context);
    await rememberedConsent(await browser.newContext(), baseUrl, site.origin, context);
    await frames(await person.newPage(), site.origin, context);
    await forgedForm(await person.newPage(), site.origin, baseUrl, context);
    await applications(await person.newPage(), baseUrl, context);
    await device(await person.newPage(), baseUrl, context);
    await disconnect(await person.newPage(), baseUrl, context);
  } finally {
    await browser.close();
    await site.close();
  }
}

function authorizeUrl(baseUrl: string, clientId: string, redirectUri: string): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'read',
    state: 'xyz',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  return `${baseUrl}/oauth2/authorize/?${query}`;
}

async function login(page: Page): Promise<void> {
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'pw');
  await page.click('button');
}

/** Not logged in → login page → consent page → the client, on another origin, gets a code that works. */
async function consent(page: Page, baseUrl: string, origin: string, context: ClientContext): Promise<void> {
  const { NATIVE_ID: clientId = '' } = context.values;
  const redirectUri = `${origin}/cb`;
  await page.goto(authorizeUrl(baseUrl, clientId, redirectUri));
  expectSame(context, 'first page', await page.title(), 'Log in');
  await login(page);
  expectSame(context, 'after the login', await page.title(), 'Allow Notes app?');
  expectSame(context, 'scopes', await page.locator('ul li').allTextContents(), ['Read your notes read']);
  await page.click('button[value=allow]');
  await page.waitForURL(`${redirectUri}?**`);
  const answer = new URL(page.url()).searchParams;
  expectSame(context, 'state and issuer', [answer.get('state'), answer.get('iss')], ['xyz', baseUrl]);
  const { status } = await send(`${baseUrl}/oauth2/token/`, {
    grant_type: 'authorization_code',
    code: answer.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: VERIFIER,
    client_id: clientId,
  });
  expectSame(context, 'the code is exchanged', status, 200);

  await page.goto(authorizeUrl(baseUrl, clientId, redirectUri));
  await page.click('button[value=deny]');
  await page.waitForURL(`${redirectUri}?**`);
  expectSame(context, 'after Deny', new URL(page.url()).searchParams.get('error'), 'access_denied');
}

/** Consent is there already: the login form's redirects lead to the client on another origin, and no policy stops them. */
async function rememberedConsent(
  person: BrowserContext,
  baseUrl: string,
  origin: string,
  context: ClientContext,
): Promise<void> {
  const url = authorizeUrl(baseUrl, context.values.OWN_ID ?? '', `${origin}/cb`);
  const page = await person.newPage();
  await page.goto(url);
  await login(page);
  await page.waitForURL(`${origin}/cb?**`);
  expectSame(context, 'login to client without a consent page', new URL(page.url()).searchParams.get('state'), 'xyz');
  await person.close();
}

async function frames(page: Page, origin: string, context: ClientContext): Promise<void> {
  const [complaint] = await Promise.all([
    page.waitForEvent('console', (message) => message.type() === 'error'),
    page.goto(`${origin}/frame`),
  ]);
  const isRefused = /frame-ancestors|X-Frame-Options/i.test(complaint.text());
  expectSame(context, 'the consent page refuses to be framed', isRefused, true);
}

async function forgedForm(page: Page, origin: string, baseUrl: string, context: ClientContext): Promise<void> {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().startsWith(`${baseUrl}/oauth2/authorize/`)),
    page.goto(`${origin}/forge`).catch(() => null),
  ]);
  expectSame(context, 'a form of another site is refused', answer.status(), 403);
}

async function applications(page: Page, baseUrl: string, context: ClientContext): Promise<void> {
  await page.goto(`${baseUrl}/oauth2/applications/`);
  await page.click('text=Register an application');
  await page.fill('input[name=name]', 'Mine <b>');
  await page.fill('textarea', 'http://client.example/cb');
  await page.click('button');
  const [problem] = await page.locator('.error').allTextContents();
  expectSame(context, 'an http redirect URI is refused', problem?.includes('is http'), true);
  await page.fill('textarea', 'https://client.example/cb');
  await page.click('button');
  expectSame(context, 'registered', await page.locator('h1').textContent(), 'Mine <b>');
  expectSame(context, 'the secret is shown', await page.locator('#client-secret').count(), 1);
  await page.goto(`${baseUrl}/oauth2/applications/`);
  await page.click('text=Mine');
  expectSame(context, 'and not again', await page.locator('#client-secret').count(), 0);
  await page.click('text=Change');
  await page.fill('input[name=name]', 'Renamed');
  await page.click('button');
  expectSame(context, 'changed', await page.locator('h1').textContent(), 'Renamed');
  await page.click('text=Delete');
  await page.click('button');
  expectSame(context, 'deleted', await page.locator('text=Renamed').count(), 0);
}

async function device(page: Page, baseUrl: string, context: ClientContext): Promise<void> {
  const clientId = context.values.DEVICE_ID ?? '';
  const { body } = await send(`${baseUrl}/oauth2/device-authorization/`, { client_id: clientId, scope: 'read' });
  await page.goto(body.verification_uri_complete);
  await page.click('button');
  expectSame(context, 'device', await page.locator('h1').textContent(), 'Allow Television?');
  await page.click('button[value=allow]');
  expectSame(context, 'allowed', await page.locator('h1').textContent(), 'Device connected');
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: body.device_code,
    client_id: clientId,
  };
  expectSame(context, 'the device gets tokens', (await send(`${baseUrl}/oauth2/token/`, form)).status, 200);
}

async function disconnect(page: Page, baseUrl: string, context: ClientContext): Promise<void> {
  await page.goto(`${baseUrl}/oauth2/authorized_tokens/`);
  const before = await page.locator('tr', { hasText: 'Television' }).count();
  await page.click('tr:has-text("Television") button');
  const after = await page.locator('tr', { hasText: 'Television' }).count();
  expectSame(context, 'connected before and after', [before, after], [1, 0]);
}

/** A site of the client's, on an origin of its own; two of its pages are hostile. */
async function startClientSite(baseUrl: string, clientId: string): Promise<{ origin: string; close(): Promise<void> }> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const origin = `http://${request.headers.host}`;
    const url = authorizeUrl(baseUrl, clientId, `${origin}/cb`);
    const pages: Readonly<Record<string, string>> = {
      '/frame': `<iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`,
      '/forge': `<form method="post" action="${baseUrl}/oauth2/authorize/">
        ${[...new URL(url).searchParams].map(([key, value]) => `<input name="${key}" value="${value}">`).join('')}
        <input name="decision" value="allow"></form><script>document.forms[0].submit()</script>`,
    };
    response.setHeader('content-type', 'text/html');
    response.end(pages[new URL(request.url ?? '/', origin).pathname] ?? '<h1>The client</h1>');
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
