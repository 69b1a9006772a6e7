import { auth, createUser } from '@rf/auth';
import { type DigestSettings, digest, SignedNonces } from '@rf/digest';
import { CommandError, defineProject, runChecks } from '@rf/project';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from '../../auth/tests/server.ts';

describe('digest()', () => {
  test.each<[DigestSettings, string]>([
    [{ realm: 'a"b' }, 'a realm is ASCII without quotes'],
    [{ algorithms: [] }, 'name one or more of MD5'],
    [{ algorithms: ['SHA1' as never] }, 'name one or more of MD5'],
    [{ qop: [] }, "write qop: ['auth']"],
    [{ qop: ['none' as never] }, "write qop: ['auth']"],
    [{ nonceLifetime: 0 }, 'a number of seconds above 0'],
    [{ nonceLifetime: Number.NaN }, 'a number of seconds above 0'],
    [{ opaque: 'a"b' }, 'write ASCII'],
  ])('refuses %j', (settings, message) => {
    expect(() => digest(settings)).toThrow(message);
  });

  test('warns of MD5 before it is deployed', async () => {
    const ids = async (settings: DigestSettings) => {
      const project = defineProject({ apps: [auth(), digest(settings)], database: 'pglite://memory', urls: [] });
      return (await runChecks(project, { deploy: true })).map(({ id }) => id).filter((id) => id.startsWith('digest'));
    };
    expect(await ids({ algorithms: ['SHA-256', 'MD5-sess'] })).toEqual(['digest.W001']);
    expect(await ids({})).toEqual([]);
  });
});

describe('nonces', () => {
  const site = (secretKey: string, secretKeyFallbacks: string[] = []) =>
    new SignedNonces({ secretKey, secretKeyFallbacks, clock: () => 1_700_000_000_000 });

  test('tell when they were issued, to whoever has the secret key or had it before', () => {
    const nonce = site('one').issue();
    expect(site('one').issuedAt(nonce)).toBe(1_700_000_000_000);
    expect(site('two', ['one']).issuedAt(nonce)).toBe(1_700_000_000_000);
    expect(site('two').issuedAt(nonce)).toBeNull();
  });

  test('with one bit changed, and in another spelling, were never issued', () => {
    const nonces = site('one');
    const bytes = Buffer.from(nonces.issue(), 'latin1');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(nonces.issuedAt(changed.toString('latin1'))).toBeNull();
    }
    expect(nonces.issuedAt(`${bytes.toString('latin1')}=`)).toBeNull();
    expect(nonces.issuedAt('')).toBeNull();
  });
});

describe('commands', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ urls: [], apps: [digest({ algorithms: ['SHA-256', 'SHA-256-sess', 'MD5'] })] });
    await createUser(server.site, { username: 'alice', password: 'pw' });
  });
  afterAll(() => server.close());

  /** On the open site of the server, since the embedded database cannot be opened twice. */
  async function run(name: string, username: string, answer = 'secret'): Promise<string[]> {
    const command = server.site.project.apps.flatMap((app) => app.commands).find((one) => one.name === name);
    const lines: string[] = [];
    const context = {
      site: async () => server.site,
      args: { username },
      options: {},
      env: {},
      prompt: async () => answer,
    };
    await command?.run({ ...context, stdout: (line: string) => lines.push(line) } as never);
    return lines;
  }

  test('set, show and delete passwords', async () => {
    expect(await run('set-digest-password', 'alice')).toEqual(['Digest password set for user alice']);
    await run('set-digest-password', 'alice', 'another');
    expect(await run('list-digest-passwords', '')).toEqual(['alice\tapi\tSHA-256', 'alice\tapi\tMD5']);
    expect(await run('delete-digest-password', 'alice')).toEqual(['Digest password deleted for user alice']);
    expect(await run('list-digest-passwords', '')).toEqual([]);
    await expect(run('delete-digest-password', 'alice')).rejects.toThrow(CommandError);
  });

  test('refuse an unknown user and an empty password', async () => {
    await expect(run('set-digest-password', 'nobody')).rejects.toThrow("user 'nobody' does not exist");
    await expect(run('set-digest-password', 'alice', '')).rejects.toThrow('cannot be empty');
  });
});
