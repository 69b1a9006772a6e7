import {
  checkPasswordResetToken,
  createUser,
  findUser,
  makePasswordResetToken,
  type PasswordReset,
  passwordResetUrls,
  replacePassword,
  User,
} from '@rf/auth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, TestServer } from './server.ts';

const SECRET = 'the secret key of a test, long enough';
const DAY = 24 * 60 * 60 * 1000;

let server: TestServer;
let browser: Browser;
let sent: PasswordReset[] = [];
let fails = false;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [passwordResetUrls('/reset/')],
    auth: {
      loginThrottle: { account: '5/min', address: '100/min' },
      async sendPasswordReset(reset) {
        if (fails) throw new Error('the mail server is away');
        sent.push(reset);
      },
    },
  });
  await createUser(server.site, { username: 'alice', email: 'Alice_1@example.com', password: 'alice-pass' });
  await createUser(server.site, { username: 'una', email: 'una@example.com' });
  await createUser(server.site, { username: 'ina', email: 'ina@example.com', password: 'x', isActive: false });
});
afterAll(() => server.close());
beforeEach(() => server.tested.begin());
afterEach(() => server.tested.rollback());
beforeEach(async () => {
  sent = [];
  server.now += 60_000;
  browser = new Browser(server);
  await browser.send('GET', '/reset/');
});

const ask = (email: string) => browser.send('POST', '/reset/', { headers: browser.csrf, json: { email } });

const alice = async () => (await findUser(server.site, 'alice')) as User;

describe('a token to reset a password', () => {
  const user = Object.assign(new User(), {
    id: 7,
    password: '!unusable',
    email: 'alice@example.com',
    lastLogin: null as Date | null,
  });
  const at = (text: string) => ({ ...server.site, secretKey: SECRET, clock: () => Date.parse(text) });

  test('is the one that Django makes of the same user and secret key', () => {
    const site = at('2026-01-02T03:04:05.999Z');
    expect(makePasswordResetToken(site, user)).toBe('d1rcit-9c9fe6d05ec018d419d7792b1ae2da97');
    const loggedIn = Object.assign(new User(), user, { lastLogin: new Date('2025-12-31T23:59:58.999Z') });
    expect(makePasswordResetToken(site, loggedIn)).toBe('d1rcit-0347a9aa3609992bfdebaaa711e858bf');
  });

  test('counts for three days and not a second longer', async () => {
    const { site } = server;
    const owner = await alice();
    const token = makePasswordResetToken(site, owner);
    server.now += 3 * DAY;
    expect(checkPasswordResetToken(site, owner, token)).toBe(true);
    server.now += 1000;
    expect(checkPasswordResetToken(site, owner, token)).toBe(false);
  });

  test.each(['password', 'email', 'lastLogin'])('counts no more when %s has changed', async (property) => {
    const { site } = server;
    const owner = await alice();
    const token = makePasswordResetToken(site, owner);
    Object.assign(owner, { [property]: property === 'lastLogin' ? new Date(0) : 'other' });
    expect(checkPasswordResetToken(site, owner, token)).toBe(false);
  });

  test('with any one bit changed counts for nothing', async () => {
    const { site } = server;
    const owner = await alice();
    const token = makePasswordResetToken(site, owner);
    const bytes = Buffer.from(token, 'latin1');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(checkPasswordResetToken(site, owner, changed.toString('latin1'))).toBe(false);
    }
    expect(checkPasswordResetToken(site, owner, token)).toBe(true);
  });
});

describe('asking for a link', () => {
  test('sends one to the user of the address, its case ignored', async () => {
    await ask('aLICE_1@EXAMPLE.COM');
    expect(sent.map(({ user }) => user.username)).toEqual(['alice']);
  });

  test.each(['nobody@example.com', 'una@example.com', 'ina@example.com', 'aliceX1@example.com', '%', 'a\0'])(
    'answers the same for %j, and sends nothing',
    async (email) => {
      const { status, json } = await ask(email);
      expect(status).toBe(200);
      expect(json).toEqual((await ask('alice_1@example.com')).json);
      expect(sent.map(({ user }) => user.username)).toEqual(['alice']);
    },
  );

  test('answers the same when the link cannot be sent, and logs that', async () => {
    fails = true;
    const { status } = await ask('alice_1@example.com');
    fails = false;
    expect(status).toBe(200);
    await expect.poll(() => server.log.join('\n')).toContain('the mail server is away');
  });

  test('is limited for one address', async () => {
    const statuses = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await ask('x@example.com')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });
});

describe('the link', () => {
  async function link(): Promise<string> {
    await ask('alice_1@example.com');
    const [{ uid, token } = { uid: '', token: '' }] = sent;
    return `/reset/${uid}/${token}/`;
  }

  test('sets the password once', async () => {
    const url = await link();
    const page = await browser.send('GET', url, { headers: { Accept: 'text/html' } });
    expect(page.text).toContain('name="newPassword"');
    const set = () => browser.send('POST', url, { headers: browser.csrf, json: { newPassword: 'a wholly new one' } });
    expect((await set()).json).toEqual({ detail: 'New password has been saved.' });
    expect(await (await alice()).checkPassword('a wholly new one')).toBe(true);
    expect((await set()).status).toBe(404);
  });

  test('sets one password when it is used several times at once', async () => {
    const url = await link();
    const passwords = ['the first password', 'the second password', 'the third password', 'the fourth password'];
    const answers = await Promise.all(
      passwords.map((newPassword) => browser.send('POST', url, { headers: browser.csrf, json: { newPassword } })),
    );
    const [winner, ...others] = passwords.filter((_password, at) => answers[at]?.status === 200);
    expect(others).toEqual([]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    expect(await (await alice()).checkPassword(winner as string)).toBe(true);
  });

  test('refuses a password that is too simple, and counts still', async () => {
    const url = await link();
    const refused = await browser.send('POST', url, { headers: browser.csrf, json: { newPassword: '1234' } });
    expect(refused.status).toBe(400);
    expect(refused.json.newPassword).toContain('This password is entirely numeric.');
    expect((await browser.send('GET', url)).status).toBe(200);
  });

  test('needs a CSRF token', async () => {
    const answer = await server.send('POST', await link(), { json: { newPassword: 'a wholly new one' } });
    expect(answer.status).toBe(403);
  });

  test.each([
    '/reset/MQ/nonsense/',
    '/reset/!!/d1rcit-9c9fe6d05ec018d419d7792b1ae2da97/',
    '/reset/OTk5OTk5OTk5OTk5/x-1/',
  ])('is not found when it reads %s', async (url) => {
    const { status, json } = await browser.send('GET', url, { headers: { Accept: 'application/json' } });
    expect(status).toBe(404);
    expect(json).toEqual({ detail: 'The link is invalid or has expired; ask for a new one.' });
  });
});

test('a password that was changed in the meantime is not replaced', async () => {
  const [early, late] = [await alice(), await alice()];
  expect(await replacePassword(server.site, early, 'the first password')).toBe(true);
  expect(await replacePassword(server.site, late, 'the second password')).toBe(false);
  expect(await replacePassword(server.site, early, 'the third password')).toBe(true);
  expect(await (await alice()).checkPassword('the third password')).toBe(true);
});
