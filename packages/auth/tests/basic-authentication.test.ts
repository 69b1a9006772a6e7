import {
  AllowAllUsersModelBackend,
  BasicAuthentication,
  createUser,
  ModelBackend,
  ScryptPasswordHasher,
  setPassword,
  users,
} from '@rf/auth';
import { APIView, authenticationClasses, path, type Request } from '@rf/views';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { headerBitChanges } from './bit-changes.ts';
import { TestServer } from './server.ts';

@authenticationClasses(BasicAuthentication)
class Open extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername(), auth: request.auth };
  }
}

/** Counts the hashes that it makes. */
class CountedHasher extends ScryptPasswordHasher {
  hashes = 0;
  override encode(...given: Parameters<ScryptPasswordHasher['encode']>): Promise<string> {
    this.hashes += 1;
    return super.encode(...given);
  }
}

const hasher = new CountedHasher({ N: 16, r: 1, p: 1 });
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [path('/open/', Open)],
    auth: {
      backends: [new ModelBackend(), new AllowAllUsersModelBackend()],
      passwordHashers: [hasher],
      // Most tests send more wrong passwords than anybody may.
      loginThrottle: null,
    },
  });
  await createUser(server.site, { username: 'alice', password: 'pw:é' });
  await createUser(server.site, { username: 'ina', password: 'pw', isActive: false });
});
afterAll(() => server.close());
beforeEach(() => server.tested.begin());
afterEach(() => server.tested.rollback());

const base64 = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const send = (credentials: string) =>
  server.send('GET', '/open/', { headers: { Authorization: `Basic ${credentials}` } });

test.each(['utf8', 'latin1'] as const)('reads names and passwords in %s', async (encoding) => {
  expect((await send(base64('alice:pw:é', encoding))).json).toEqual({ user: 'alice', auth: null });
});

test('tells a user whom a backend lets in though inactive', async () => {
  const { status, json } = await send(base64('ina:pw'));
  expect([status, json]).toEqual([401, { detail: 'User inactive or deleted.' }]);
});

test('refuses a user who was deleted, and a password that was changed', async () => {
  const user = await createUser(server.site, { username: 'leaver', password: 'pw' });
  expect((await send(base64('leaver:pw'))).status).toBe(200);
  await setPassword(server.site, user, 'another');
  expect((await send(base64('leaver:pw'))).json).toEqual({ detail: 'Invalid username/password.' });
  expect((await send(base64('leaver:another'))).status).toBe(200);
  await users(server.site).remove(user);
  expect((await send(base64('leaver:another'))).json).toEqual({ detail: 'Invalid username/password.' });
});

test('makes as many hashes for an unknown name or an inactive user as for a wrong password', async () => {
  const found: number[] = [];
  for (const credentials of ['alice:wrong', 'nobody:wrong', 'ina:wrong', ':']) {
    const before = hasher.hashes;
    expect((await send(base64(credentials))).json).toEqual({ detail: 'Invalid username/password.' });
    found.push(hasher.hashes - before);
  }
  expect(found).toEqual([2, 2, 2, 2]);
});

test('refuses a password with NUL at its end, which HMAC takes for the password', async () => {
  expect((await send(base64('alice:pw:é\0'))).json).toEqual({ detail: 'Invalid username/password.' });
});

test('writes neither password nor header into a log', async () => {
  const [good, wrong] = [base64('alice:pw:é'), base64('alice:a wrong one')];
  expect([(await send(good)).status, (await send(wrong)).status]).toEqual([200, 401]);
  const log = [...server.log, ...server.serverLog].join('\n');
  expect(log).toContain('/open/');
  for (const secret of [good, wrong, 'pw:é', 'a wrong one']) expect(log).not.toContain(secret);
});

test('refuses the credentials with any one bit changed, in whatever spelling', async () => {
  const good = base64('alice:pw:é');
  expect(good.endsWith('=')).toBe(true);
  for (const text of headerBitChanges(good)) expect([text, (await send(text)).status]).toEqual([text, 401]);
  expect((await send(good)).status).toBe(200);
});
