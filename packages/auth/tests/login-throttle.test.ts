import { auth, BasicAuthentication, createUser } from '@rf/auth';
import { APIView, authenticationClasses, path, type Request } from '@rf/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestServer } from './server.ts';

class LimitedBasicAuthentication extends BasicAuthentication {
  override readonly loginThrottle = { account: '2/min', address: '4/min' };
}

@authenticationClasses(LimitedBasicAuthentication)
class Limited extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}

@authenticationClasses(BasicAuthentication)
class Usual extends Limited {}

class UnlimitedBasicAuthentication extends BasicAuthentication {
  override readonly loginThrottle = null;
}

@authenticationClasses(UnlimitedBasicAuthentication)
class Unlimited extends Limited {}

const throttled: string[] = [];
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [path('/limited/', Limited), path('/usual/', Usual), path('/unlimited/', Unlimited)],
    auth: { onLoginThrottled: (account) => void throttled.push(account) },
  });
  await createUser(server.site, { username: 'alice', password: 'pw' });
});
afterAll(() => server.close());

async function statuses(url: string, ...credentials: string[]): Promise<number[]> {
  const found: number[] = [];
  for (const each of credentials) {
    const headers = { Authorization: `Basic ${Buffer.from(each).toString('base64')}` };
    found.push((await server.send('GET', url, { headers })).status);
  }
  return found;
}

test('wrong Basic passwords are limited by account, its case ignored, and the project is told', async () => {
  server.now += 60_000;
  expect(await statuses('/limited/', 'alice:x', 'Alice:x', 'alice:pw')).toEqual([401, 401, 429]);
  expect(throttled).toEqual(['alice']);
});

test('and by address, whatever the account', async () => {
  server.now += 60_000;
  expect(await statuses('/limited/', 'a:x', 'b:x', 'c:x', 'd:x', 'alice:pw')).toEqual([401, 401, 401, 401, 429]);
});

test('right ones are not counted, and pass again a minute after the guesses', async () => {
  server.now += 60_000;
  const busy = Array.from({ length: 12 }, () => 'alice:pw');
  expect(await statuses('/limited/', ...busy, 'alice:x', 'alice:x', 'alice:pw')).toEqual([
    ...busy.map(() => 200),
    401,
    401,
    429,
  ]);
  server.now += 60_000;
  expect(await statuses('/limited/', 'alice:pw')).toEqual([200]);
});

test('guesses that come together are told no more than the limit allows, nor is the right one among them', async () => {
  server.now += 60_000;
  const guesses = ['alice:x', 'alice:y', 'alice:z', 'alice:x', 'alice:y', 'alice:z'];
  const found = await Promise.all(guesses.map((each) => statuses('/limited/', each)));
  expect(found.flat().sort()).toEqual([401, 401, 429, 429, 429, 429]);
  expect(await statuses('/limited/', 'alice:pw')).toEqual([429]);
});

test('the limits are those of every login unless the class says otherwise', async () => {
  server.now += 60_000;
  const guesses = Array.from({ length: 10 }, () => 'alice:x');
  expect(await statuses('/usual/', ...guesses, 'alice:pw')).toEqual([...guesses.map(() => 401), 429]);
  expect(await statuses('/unlimited/', ...guesses, 'alice:x', 'alice:pw')).toEqual([
    ...guesses.map(() => 401),
    401,
    200,
  ]);
});

test('a rate that cannot be read is refused when the project is defined', () => {
  expect(() => auth({ loginThrottle: { account: '2/month', address: '60/min' } })).toThrow(
    'auth({ loginThrottle: { account } })',
  );
});
