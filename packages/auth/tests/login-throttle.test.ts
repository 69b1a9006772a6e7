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
class Unlimited extends Limited {}

const throttled: string[] = [];
let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [path('/limited/', Limited), path('/unlimited/', Unlimited)],
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

test('Basic authentication may be limited by account, its case ignored, and the project is told', async () => {
  server.now += 60_000;
  expect(await statuses('/limited/', 'alice:x', 'Alice:x', 'alice:pw')).toEqual([401, 401, 429]);
  expect(throttled).toEqual(['alice']);
});

test('and by address, whatever the account', async () => {
  server.now += 60_000;
  expect(await statuses('/limited/', 'a:x', 'b:x', 'c:x', 'd:x', 'alice:pw')).toEqual([401, 401, 401, 401, 429]);
});

test('it is not limited unless somebody says so', async () => {
  server.now += 60_000;
  const attempts = Array.from({ length: 12 }, () => 'alice:x');
  expect(await statuses('/unlimited/', ...attempts, 'alice:pw')).toEqual([...attempts.map(() => 401), 200]);
});

test('a rate that cannot be read is refused when the project is defined', () => {
  expect(() => auth({ loginThrottle: { account: '2/month', address: '60/min' } })).toThrow(
    'auth({ loginThrottle: { account } })',
  );
});
