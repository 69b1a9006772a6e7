import { isOpaqueToken, OAuth2AccessToken, OAuth2Client, OAuth2Code, OAuth2RefreshToken } from '@rf/oauth2';
import { db } from '@rf/orm';
import { CommandError, runCommand } from '@rf/project';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obtainTokens, send, type Server, startServer, whoAmI } from './server.ts';

const DAY = 86_400_000;

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** Runs a command on the open site of the server, since the embedded database cannot be opened twice. */
async function run(name: string, args: object = {}, options: object = {}): Promise<string[]> {
  const command = server.site.project.apps.flatMap((app) => app.commands).find((one) => one.name === name);
  const lines: string[] = [];
  await command?.run({
    site: async () => server.site,
    args,
    options,
    stdout: (line: string) => lines.push(line),
  } as never);
  return lines;
}

const LISTS = { grant: [], scope: [], 'redirect-uri': ['https://client.example/cb'] };

describe('create-oauth2-client', () => {
  test('prints id and secret of a client that then works', async () => {
    const lines = await run('create-oauth2-client', { name: 'Shop' }, { ...LISTS, owner: 'alice' });
    const [clientId, secret] = lines.map((line) => line.replace(/^client_(id|secret): /, '')) as [string, string];
    expect(isOpaqueToken('ocs_', secret)).toBe(true);
    const client = await db(server.site).findOneOrFail(OAuth2Client, {
      where: { clientId },
      relations: { owner: true },
    });
    expect(client).toMatchObject({
      name: 'Shop',
      clientType: 'confidential',
      grants: ['authorization_code', 'refresh_token'],
      scopes: ['read', 'write', 'notes:read'],
    });
    expect(client.owner?.username).toBe('alice');
    await obtainTokens(server, { client, secret });
  });

  test('makes public clients, resource servers and clients with an id of their own', async () => {
    const options = {
      ...LISTS,
      public: true,
      grant: ['device_code'],
      'redirect-uri': [],
      'client-id': 'the-television',
    };
    expect(await run('create-oauth2-client', { name: 'TV' }, options)).toEqual(['client_id: the-television']);
    const lines = await run(
      'create-oauth2-client',
      { name: 'API' },
      { ...LISTS, 'redirect-uri': [], 'resource-server': true },
    );
    const clientId = lines[0]?.replace('client_id: ', '') as string;
    const api = await db(server.site).findOneByOrFail(OAuth2Client, { clientId });
    expect(api).toMatchObject({ isResourceServer: true, grants: [] });
  });

  test.each([
    [{ 'redirect-uri': ['http://client.example/cb'] }, 'is http; only https is safe'],
    [{ 'redirect-uri': ['https://*.client.example/cb'] }, 'has a wildcard'],
    [{ 'redirect-uri': [] }, 'needs a redirect URI'],
    [{ grant: ['implicit'] }, 'implicit is no grant'],
    [{ grant: ['password'] }, 'The password grant is off'],
    [{ scope: ['nope'] }, 'nope is no scope of this project'],
    [{ owner: 'nobody' }, "user 'nobody' does not exist"],
    [{ 'client-id': '12345678' }, 'not digits alone'],
    [{ 'skip-consent': true }, 'Only a first-party client'],
  ])('refuses %j', async (options, message) => {
    const running = run('create-oauth2-client', { name: 'Shop' }, { ...LISTS, ...options });
    await expect(running).rejects.toThrow(CommandError);
    await expect(running).rejects.toThrow(message);
  });

  test('does not make an id twice', async () => {
    const options = { ...LISTS, 'client-id': 'only-once-please' };
    await run('create-oauth2-client', { name: 'Shop' }, options);
    await expect(run('create-oauth2-client', { name: 'Shop' }, options)).rejects.toThrow(
      'there is a client with the id only-once-please already',
    );
  });
});

test('rotate-client-secret ends the old secret', async () => {
  const made = await server.client();
  const [line] = await run('rotate-client-secret', { clientId: made.client.clientId });
  const secret = line?.replace('client_secret: ', '') as string;
  await expect(obtainTokens(server, made)).rejects.toThrow('invalid_client');
  expect(await obtainTokens(server, { client: made.client, secret })).toHaveProperty('access_token');
  await expect(run('rotate-client-secret', { clientId: 'nobody' })).rejects.toThrow('no client with the id nobody');
});

test('revoke-user-tokens ends what a user allowed, for one client or for all', async () => {
  const [one, two] = [await server.client(), await server.client()];
  const first = await obtainTokens(server, one, { username: 'bob' });
  const second = await obtainTokens(server, two, { username: 'bob' });
  expect(await run('revoke-user-tokens', { username: 'bob' }, { client: one.client.clientId })).toEqual([
    "Ended 1 authorizations of user 'bob'.",
  ]);
  expect((await whoAmI(server, first.access_token)).status).toBe(401);
  expect((await whoAmI(server, second.access_token)).status).toBe(200);
  expect(await run('revoke-user-tokens', { username: 'bob' })).toEqual(["Ended 1 authorizations of user 'bob'."]);
  expect((await whoAmI(server, second.access_token)).status).toBe(401);
  await expect(run('revoke-user-tokens', { username: 'nobody' })).rejects.toThrow("user 'nobody' does not exist");
});

test('clear-oauth2-tokens deletes what is dead and keeps what shows a second use', async () => {
  const made = await server.client();
  const exchange = (token: string) =>
    send(
      `${server.url}/oauth2/token/`,
      { grant_type: 'refresh_token', refresh_token: token },
      { basic: `${made.client.clientId}:${made.secret}` },
    );
  const first = await obtainTokens(server, made);
  const second = (await exchange(first.refresh_token)).body;
  server.clock.now += 2 * 3_600_000;
  await run('clear-oauth2-tokens');
  // The access tokens are over, the family is not: a second use of the first token is still seen.
  expect((await exchange(first.refresh_token)).status).toBe(400);
  expect((await exchange(second.refresh_token)).status).toBe(400);

  server.clock.now += 15 * DAY;
  const [line] = await run('clear-oauth2-tokens');
  expect(line).toMatch(/^Deleted \d+ rows\.$/);
  for (const table of [OAuth2AccessToken, OAuth2RefreshToken, OAuth2Code]) {
    expect(await db(server.site).count(table)).toBe(0);
  }
});

test('every command explains itself', async () => {
  for (const app of server.site.project.apps.filter(({ label }) => label === 'oauth2')) {
    for (const command of app.commands) {
      const lines: string[] = [];
      const terminal = { stdout: (line: string) => lines.push(line), stderr: () => {}, env: {}, isInteractive: false };
      const code = await runCommand(command, ['--help'], {
        project: server.site.project,
        terminal: { ...terminal, prompt: async () => '' },
      });
      expect(code).toBe(0);
      expect(lines.join('\n')).toContain(command.help);
    }
  }
});
