import { chromium } from 'playwright-core';
import { serveBookshop } from './bookshop-server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';

export const name = 'Chromium and the sample: its login page leads to a view of the session';
export const requires = ['chromium'];
export const serve = serveBookshop;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const before = await page.goto(`${baseUrl}/example/`);
    expectSame(context, 'before the login', before?.status(), 403);
    await page.goto(`${baseUrl}/accounts/login/?next=/example/`);
    await page.fill('input[name=username]', 'alice');
    await page.fill('input[name=password]', 'alice-pass-1');
    await page.click('button');
    await page.waitForURL(`${baseUrl}/example/`);
    expectSame(context, 'after it', (await page.textContent('body'))?.includes('"user":"alice"'), true);
  } finally {
    await browser.close();
  }
}
