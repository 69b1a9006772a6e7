import { auth, createUser, users } from '@rf/auth';
import { HawkAuthentication, type HawkSettings, hawk } from '@rf/hawk';
import { CommandError, defineProject, runChecks, UsageError } from '@rf/project';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestServer } from '../../auth/tests/server.ts';

describe('hawk()', () => {
  test.each([0, -1, Number.NaN])('refuses a skew of %d', (skew) => {
    expect(() => hawk({ skew })).toThrow('a number of seconds above 0');
  });

  test.each<[HawkSettings, boolean]>([
    [{}, false],
    [{ bewit: true }, true],
    [{ sha1: true }, true],
    [{ payloadRequired: false }, true],
  ])('warns before %j is deployed: %s', async (settings, warns) => {
    const project = defineProject({ apps: [auth(), hawk(settings)], database: 'pglite://memory', urls: [] });
    const ids = (await runChecks(project, { deploy: true })).map(({ id }) => id);
    expect(ids.includes('hawk.W001')).toBe(warns);
  });
});

@authenticationClasses(HawkAuthentication)
@permissionClasses(IsAuthenticated)
class Echo extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
  override post(request: Request): unknown {
    return { user: request.user.getUsername(), data: request.data };
  }
}

describe('commands', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({ urls: [path('/echo/', Echo)], apps: [hawk()] });
    await createUser(server.site, { username: 'alice', password: 'pw' });
  });
  afterAll(() => server.close());

  /** On the open site of the server, since the embedded database cannot be opened twice. */
  async function run(name: string, args: object, options: object = {}): Promise<string[]> {
    const command = server.site.project.apps.flatMap((app) => app.commands).find((one) => one.name === name);
    const lines: string[] = [];
    const context = { site: async () => server.site, args, options, stdout: (line: string) => lines.push(line) };
    await command?.run(context as never);
    return lines;
  }
  const options = { name: 'nightly', scope: ['stock'] };

  test('make, show, use and delete credentials', async () => {
    const [idLine = '', keyLine = '', algorithm] = await run('create-hawk-credential', { username: 'alice' }, options);
    const id = idLine.replace('id ', '');
    expect([keyLine.length > 40, algorithm]).toEqual([true, 'algorithm sha256']);
    const listed = await run('list-hawk-credentials', {});
    expect(listed).toEqual([`${id}\talice\tnightly\tstock\tactive`]);

    const url = `${server.origin}/echo/?a=%62`;
    const get = { method: 'GET', type: 'application/json' };
    expect(await run('hawk-request', { id, url }, get)).toEqual(['200 OK', '{"user":"alice"}']);
    const post = { method: 'POST', data: '{"a":1}', type: 'application/json' };
    expect(await run('hawk-request', { id, url }, post)).toEqual(['200 OK', '{"user":"alice","data":{"a":1}}']);

    expect(await run('delete-hawk-credential', { id })).toEqual([`Deleted ${id}`]);
    await expect(run('delete-hawk-credential', { id })).rejects.toThrow(CommandError);
    await expect(run('hawk-request', { id, url }, get)).rejects.toThrow(`there is no credential ${id}`);
  });

  test('make credentials that end', async () => {
    await run('create-hawk-credential', { username: 'alice' }, { ...options, days: '2' });
    const ends = new Date(server.now + 2 * 86_400_000).toISOString();
    expect((await run('list-hawk-credentials', {})).at(-1)).toContain(`until ${ends}`);
    await expect(run('create-hawk-credential', { username: 'alice' }, { ...options, days: 'x' })).rejects.toThrow(
      UsageError,
    );
  });

  test('refuse an unknown user', async () => {
    await expect(run('create-hawk-credential', { username: 'nobody' }, options)).rejects.toThrow(
      "user 'nobody' does not exist",
    );
    expect(await users(server.site).count()).toBe(1);
  });
});
