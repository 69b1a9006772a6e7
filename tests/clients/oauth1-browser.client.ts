import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { type Credentials, exchange, sendSigned } from '../../packages/oauth1/tests/server.ts';
import { type ClientContext, expectSame, type ServedProject } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'Chromium: login, consent of OAuth 1.0a, a typed code, frames, a forged form, disconnect';
export const requires = ['chromium', 'openssl'];

/** The provider, and the client's site on an origin of its own, where callbacks arrive. */
export async function serve(): Promise<ServedProject> {
  const site = await startClientSite();
  const provider = await serveOAuth1(`${site.url}/cb?from=notes`);
  return {
    ...provider,
    values: { ...provider.values, SITE: site.url },
    async close() {
      await provider.close();
      await site.close();
    },
  };
}

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { SITE = '' } = context.values;
  const provider = new Provider(baseUrl, context);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const person = await browser.newContext();
    const page = await person.newPage();
    await allow(page, provider);
    await deny(page, provider);
    await typedCode(page, provider);
    await frame(page, SITE, provider);
    await forgedForm(page, SITE, provider);
    await disconnect(page, provider);
  } finally {
    await browser.close();
  }
}

/** The consumer's side of the flow. */
class Provider {
  readonly #values: Readonly<Record<string, string>>;

  constructor(
    readonly url: string,
    readonly context: ClientContext,
  ) {
    this.#values = context.values;
  }

  get callback(): string {
    return this.#values.CALLBACK ?? '';
  }

  consumer(name: 'WEB' | 'TYPED') {
    return { consumer: { key: this.#values[`${name}_KEY`] ?? '' }, secret: this.#values[`${name}_SECRET`] ?? '' };
  }

  async initiate(name: 'WEB' | 'TYPED' = 'WEB'): Promise<Credentials> {
    const { status, text, body } = await sendSigned({
      ...this.consumer(name),
      url: `${this.url}/oauth1/initiate/`,
      method: 'POST',
      timestamp: Math.floor(Date.now() / 1000),
      more: { oauth_callback: name === 'WEB' ? this.callback : 'oob' },
    });
    if (status !== 200) throw new Error(`initiate answered ${status}: ${text}`);
    return { token: body.oauth_token, secret: body.oauth_token_secret };
  }

  authorizeUrl({ token }: Credentials): string {
    return `${this.url}/oauth1/authorize/?oauth_token=${token}`;
  }

  /** The status that the token endpoint answers. */
  async exchange(temporary: Credentials, verifier: string, name: 'WEB' | 'TYPED' = 'WEB'): Promise<number> {
    const timestamp = Math.floor(Date.now() / 1000);
    const { consumer, secret } = this.consumer(name);
    return (await exchange(this, { consumer, secret } as never, temporary, verifier, { timestamp })).status;
  }

  expect(what: string, found: unknown, expected: unknown): void {
    expectSame(this.context, what, found, expected);
  }
}

/** Not logged in → login page → consent page → the client, on another origin, gets a verifier that works. */
async function allow(page: Page, provider: Provider): Promise<void> {
  const temporary = await provider.initiate();
  await page.goto(provider.authorizeUrl(temporary));
  provider.expect('first page', await page.title(), 'Log in');
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'pw');
  await page.click('button');
  provider.expect('after the login', await page.title(), 'Allow Web shop?');
  provider.expect('scopes', await page.locator('ul li').allTextContents(), [
    'Read your data read',
    'Change your data write',
  ]);
  provider.expect(
    'where it leads',
    await page.locator('strong', { hasText: new URL(provider.callback).host }).count(),
    1,
  );
  await page.click('button[value=allow]');
  await page.waitForURL(`${provider.callback}&**`);
  const answer = new URL(page.url()).searchParams;
  provider.expect(
    'token and own query',
    [answer.get('oauth_token') === temporary.token, answer.get('from')],
    [true, 'notes'],
  );
  provider.expect(
    'the verifier is exchanged',
    await provider.exchange(temporary, answer.get('oauth_verifier') ?? ''),
    200,
  );
  await page.goto(provider.authorizeUrl(temporary));
  provider.expect('the same address again', await page.title(), 'Nothing to allow');
}

async function deny(page: Page, provider: Provider): Promise<void> {
  const temporary = await provider.initiate();
  await page.goto(provider.authorizeUrl(temporary));
  await page.click('button[value=deny]');
  await page.waitForURL(`${provider.callback}&**`);
  const answer = new URL(page.url()).searchParams;
  provider.expect(
    'after Deny',
    [answer.get('oauth_problem'), answer.get('oauth_verifier')],
    ['permission_denied', null],
  );
  provider.expect('which ends the request', await provider.exchange(temporary, 'o1v_x'), 401);
}

async function typedCode(page: Page, provider: Provider): Promise<void> {
  const temporary = await provider.initiate('TYPED');
  await page.goto(provider.authorizeUrl(temporary));
  await page.click('button[value=allow]');
  const code = (await page.locator('p strong').textContent()) ?? '';
  provider.expect('a code to type', /^[A-Z]{8}$/.test(code), true);
  provider.expect('it is exchanged', await provider.exchange(temporary, code, 'TYPED'), 200);
}

async function frame(page: Page, origin: string, provider: Provider): Promise<void> {
  const url = provider.authorizeUrl(await provider.initiate());
  const [complaint] = await Promise.all([
    page.waitForEvent('console', (message) => message.type() === 'error'),
    page.goto(`${origin}/frame?${new URLSearchParams({ url })}`),
  ]);
  const isRefused = /frame-ancestors|X-Frame-Options/i.test(complaint.text());
  provider.expect('the consent page refuses to be framed', isRefused, true);
}

/** The person is logged in, and another site sends the decision for her. */
async function forgedForm(page: Page, origin: string, provider: Provider): Promise<void> {
  const temporary = await provider.initiate();
  const action = `${provider.url}/oauth1/authorize/`;
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().startsWith(action)),
    page.goto(`${origin}/forge?${new URLSearchParams({ action, token: temporary.token })}`).catch(() => null),
  ]);
  provider.expect('a form of another site is refused', answer.status(), 403);
  await page.goto(provider.authorizeUrl(temporary));
  provider.expect('and decides nothing', await page.title(), 'Allow Web shop?');
}

async function disconnect(page: Page, provider: Provider): Promise<void> {
  await page.goto(`${provider.url}/oauth1/authorized_tokens/`);
  const rows = page.locator('tr', { hasText: 'Web shop' });
  const before = await rows.count();
  await page.click('tr:has-text("Web shop") button');
  await page.waitForURL(`${provider.url}/oauth1/authorized_tokens/`);
  provider.expect('connected before and after', [before, await rows.count()], [1, 0]);
}

/** A site on an origin of its own: a page for callbacks, and two hostile ones. */
async function startClientSite(): Promise<{ url: string; close(): Promise<void> }> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const pages: Readonly<Record<string, string>> = {
      '/frame': `<iframe src="${searchParams.get('url')}"></iframe>`,
      '/forge': `<form method="post" action="${searchParams.get('action')}">
        <input name="oauth_token" value="${searchParams.get('token')}"><input name="decision" value="allow">
        </form><script>document.forms[0].submit()</script>`,
    };
    response.setHeader('content-type', 'text/html');
    response.end(pages[pathname] ?? '<h1>The client</h1>');
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
