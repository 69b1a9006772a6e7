import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'Chromium: log in, work with CSRF tokens, change the password, log out; a form of another site';
export const requires = ['chromium'];
export const serve = serveSchemes;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const person = await browser.newContext();
    const page = await person.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${baseUrl}/accounts/login/?next=/session/`);
    await fill(page, 'wrong');
    expectSame(context, 'a wrong password', await page.locator('.error').count(), 1);
    await fill(page, 'pw');
    await page.waitForURL(`${baseUrl}/session/`);
    const [cookie] = (await person.cookies()).filter(({ name: called }) => called === 'sessionid');
    expectSame(context, 'the cookie of the session', [cookie?.httpOnly, cookie?.sameSite], [true, 'Lax']);

    const csrf = (await person.cookies()).find(({ name: called }) => called === 'csrftoken')?.value ?? '';
    const post = (headers: Record<string, string>) =>
      page.evaluate(async (given) => {
        const all = { 'content-type': 'application/json', ...given };
        const answer = await fetch('/session/', { method: 'POST', body: '{"title":"one"}', headers: all });
        return [answer.status, await answer.json()];
      }, headers);
    const data = { user: 'alice', data: { title: 'one' } };
    expectSame(context, 'a script with the CSRF token', await post({ 'x-csrftoken': csrf }), [200, data]);
    expectSame(context, 'and without', await post({}), [403, { detail: 'CSRF Failed: CSRF token missing.' }]);

    expectSame(context, 'a form of another site', await forged(page, baseUrl), 403);
    await page.goto(`${baseUrl}/accounts/password-change/`);
    await page.fill('input[name=oldPassword]', 'pw');
    await page.fill('input[name=newPassword]', 'a much better one 1');
    await page.click('button');
    await page.waitForURL(`${baseUrl}/`);
    const kept = await page.goto(`${baseUrl}/session/`);
    expectSame(context, 'the session after a change of the password', kept?.status(), 200);

    await page.evaluate(async (token) => {
      await fetch('/accounts/logout/', { method: 'POST', headers: { 'x-csrftoken': token } });
    }, csrf);
    const left = await page.goto(`${baseUrl}/session/`);
    expectSame(context, 'after the log-out', left?.status(), 403);
    expectSame(context, 'complaints of the content security policy', complaints, []);
  } finally {
    await browser.close();
  }
}

async function fill(page: Page, password: string): Promise<void> {
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', password);
  await page.click('button');
}

/** The status that a form on a site of its own gets. */
async function forged(page: Page, baseUrl: string): Promise<number> {
  const site = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<form method="post" action="${baseUrl}/session/"></form><script>document.forms[0].submit()</script>`);
  });
  await new Promise<void>((resolve) => site.listen(0, 'localhost', resolve));
  try {
    const { port } = site.address() as AddressInfo;
    const [answer] = await Promise.all([
      page.waitForResponse(`${baseUrl}/session/`),
      page.goto(`http://localhost:${port}/`).catch(() => null),
    ]);
    return answer.status();
  } finally {
    site.closeAllConnections();
    site.close();
  }
}
