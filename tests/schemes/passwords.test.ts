import { auth, authUrls, BasicAuthentication, createUser, PBKDF2PasswordHasher } from '@rf/auth';
import { authtoken, createToken, obtainAuthToken, TokenAuthentication } from '@rf/authtoken';
import { restFramework } from '@rf/fastify';
import { jwt, jwtUrls } from '@rf/jwt';
import { createClient, oauth2, oauth2Provider, oauth2Urls } from '@rf/oauth2';
import { db } from '@rf/orm';
import { defineProject, migrateDatabase, MigrationGraph, openProject, type ProjectSite } from '@rf/project';
import { createTestDatabase } from '@rf/testing/database';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Counts the hashes that are begun, and holds them up while it is shut. */
class HeldHasher extends PBKDF2PasswordHasher {
  begun = 0;
  #opened: Promise<void> = Promise.resolve();
  #open: () => void = () => {};

  shut(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  override async encode(...given: Parameters<PBKDF2PasswordHasher['encode']>): Promise<string> {
    this.begun += 1;
    await this.#opened;
    return super.encode(...given);
  }
}

const LIMITS = { account: '2/min', address: '1000/min' };

class LimitedBasicAuthentication extends BasicAuthentication {
  override readonly loginThrottle = LIMITS;
}

@authenticationClasses(LimitedBasicAuthentication)
@permissionClasses(IsAuthenticated)
class ByPassword extends APIView {
  override get(): unknown {
    return {};
  }
}

@authenticationClasses(TokenAuthentication)
class ByToken extends ByPassword {}

const hasher = new HeldHasher(1);
let site: ProjectSite;
let origin: string;
let token: string;
let client: string;
let csrf: { readonly Cookie: string; readonly 'X-CSRFToken': string };
let close: () => Promise<void>;

beforeAll(async () => {
  const database = await createTestDatabase();
  const project = defineProject({
    apps: [
      auth({ passwordHashers: [hasher], loginThrottle: LIMITS }),
      authtoken(),
      jwt(),
      oauth2({ scopes: { read: 'Read your notes' }, allowPasswordGrant: true }),
    ],
    database: database.url,
    poolSize: 4,
    secretKey: 'the secret key of the test project, long enough',
    settings: { atomicRequests: true },
    urls: [
      path('/by-password/', ByPassword),
      path('/by-token/', ByToken),
      authUrls('/accounts/'),
      path('/api-token-auth/', obtainAuthToken),
      jwtUrls('/api/token/'),
      jwtUrls('/api/sliding/', { tokens: 'sliding' }),
      oauth2Urls('/o2/'),
    ],
  });
  site = await openProject(project);
  await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
  const app = Fastify();
  await app.register(restFramework, { project: site });
  origin = await app.listen({ port: 0, host: '127.0.0.1' });
  close = async () => {
    await app.close();
    await site.close();
    await database.remove();
  };
  const alice = await createUser(site, { username: 'alice', password: 'right' });
  token = (await createToken(db(site), alice)).key;
  const made = await createClient(db(site), oauth2Provider(site), {
    name: 'old',
    clientType: 'confidential',
    grants: ['password'],
    redirectUris: [],
    owner: alice,
  });
  client = basic(made.client.clientId, made.secret ?? '');
  const page = await fetch(`${origin}/accounts/login/`, { headers: { accept: 'application/json' } });
  const { csrfToken } = (await page.json()) as { csrfToken: string };
  csrf = { Cookie: page.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'X-CSRFToken': csrfToken };
});
afterAll(() => close());

const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

async function post(target: string, data: object, headers: Record<string, string> = {}): Promise<number> {
  const sent = { 'content-type': 'application/json', ...headers };
  return (await fetch(origin + target, { method: 'POST', headers: sent, body: JSON.stringify(data) })).status;
}

/** Every place at which a stranger may have a password hashed. */
const PLACES: readonly (readonly [name: string, attempt: (username: string) => Promise<number>, wrong: number])[] = [
  [
    'Basic',
    async (username) =>
      (await fetch(`${origin}/by-password/`, { headers: { authorization: basic(username, 'guess') } })).status,
    401,
  ],
  ['the login page', (username) => post('/accounts/login/', { username, password: 'guess' }, csrf), 400],
  ['the obtain view of tokens', (username) => post('/api-token-auth/', { username, password: 'guess' }), 400],
  ['the obtain view of JSON Web Tokens', (username) => post('/api/token/', { username, password: 'guess' }), 401],
  ['the obtain view of sliding tokens', (username) => post('/api/sliding/', { username, password: 'guess' }), 401],
  [
    'the password grant',
    async (username) => {
      const body = new URLSearchParams({ grant_type: 'password', username, password: 'guess' });
      return (await fetch(`${origin}/o2/token/`, { method: 'POST', headers: { authorization: client }, body })).status;
    },
    400,
  ],
];

test.each(PLACES)('beyond the limit %s hashes no password', async (name, attempt, wrong) => {
  const account = `guessed by ${name}`;
  const before = hasher.begun;
  expect([await attempt(account), await attempt(account)]).toEqual([wrong, wrong]);
  const hashed = hasher.begun;
  expect(hashed).toBeGreaterThan(before);
  expect([await attempt(account), await attempt(account)]).toEqual([429, 429]);
  expect(hasher.begun).toBe(hashed);
});

test.each(PLACES)(
  'while passwords wait to be hashed at %s, others are answered',
  async (name, attempt, wrong) => {
    hasher.shut();
    const before = hasher.begun;
    const flood = Array.from({ length: 24 }, (_none, at) => attempt(`flood ${at} of ${name}`));
    try {
      await expect.poll(() => hasher.begun).toBeGreaterThan(before);
      for (let count = 0; count < 8; count += 1) {
        const answer = await fetch(`${origin}/by-token/`, { headers: { authorization: `Token ${token}` } });
        expect(answer.status).toBe(200);
      }
    } finally {
      hasher.open();
    }
    expect(new Set(await Promise.all(flood))).toEqual(new Set([wrong]));
  },
  60_000,
);
