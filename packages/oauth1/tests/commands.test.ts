import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOpaqueToken } from '@rf/auth';
import { findConsumer, OAuth1AccessToken, OAuth1TemporaryCredentials } from '@rf/oauth1';
import { db } from '@rf/orm';
import { CommandError } from '@rf/project';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorize, CALLBACK, initiate, obtainToken, sendSigned, type Server, startServer } from './server.ts';

let server: Server;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), 'oauth1-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

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

const LISTS = { callback: [], method: [], scope: [] };

const keyFile = async (type: 'rsa' | 'ed25519', modulusLength = 2048): Promise<string> => {
  const { publicKey } = generateKeyPairSync(type as 'rsa', { modulusLength });
  const file = join(folder, `${type}-${modulusLength}.pem`);
  await writeFile(file, publicKey.export({ type: 'spki', format: 'pem' }));
  return file;
};

describe('create-oauth1-consumer', () => {
  test('prints key and secret of a consumer that then works', async () => {
    const lines = await run(
      'create-oauth1-consumer',
      { name: 'Shop' },
      { ...LISTS, callback: [CALLBACK], owner: 'alice' },
    );
    const [key, secret] = lines.map((line) => line.replace(/^consumer_(key|secret): /, '')) as [string, string];
    expect(isOpaqueToken('o1s_', secret)).toBe(true);
    const consumer = await findConsumer(db(server.site), key);
    expect(consumer).toMatchObject({
      name: 'Shop',
      status: 'accepted',
      allowedMethods: ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512'],
      callbacks: [CALLBACK],
      scope: 'read write',
      readonly: false,
    });
    expect(consumer?.owner?.username).toBe('alice');
    await initiate(server, { consumer: consumer as NonNullable<typeof consumer>, secret });
  });

  test('with an RSA key prints no secret', async () => {
    const options = { ...LISTS, 'rsa-key': await keyFile('rsa'), key: 'printer', readonly: true, scope: ['read'] };
    expect(await run('create-oauth1-consumer', { name: 'Printer' }, options)).toEqual(['consumer_key: printer']);
    const consumer = await findConsumer(db(server.site), 'printer');
    expect(consumer).toMatchObject({
      secretSealed: null,
      allowedMethods: ['RSA-SHA256', 'RSA-SHA512'],
      scope: 'read',
      readonly: true,
    });
  });

  test.each([
    [{ owner: 'nobody' }, "user 'nobody' does not exist"],
    [{ key: 'printer' }, 'there is a consumer with the key printer already'],
    [{ key: 'a b' }, 'a key is 1 to 255 printable ASCII characters'],
    [{ method: ['HMAC-MD5'] }, 'HMAC-MD5 is no signature method; there are HMAC-SHA1,'],
    [{ method: ['PLAINTEXT'] }, 'PLAINTEXT is off: name it in signatureMethods of oauth1() first.'],
    [{ method: ['RSA-SHA256'] }, 'RSA-SHA256 needs an RSA key.'],
    [{ scope: ['nope'] }, 'nope is no scope of this project.'],
    [{ callback: ['https://*.example/'] }, 'has a wildcard'],
    [{ callback: ['/cb'] }, 'is not an absolute URI'],
    [{ callback: ['https://a.example/#x'] }, 'has a fragment'],
    [{ callback: ['https://u:p@a.example/'] }, 'has a user name or password'],
    [{ callback: ['javascript:alert(1)'] }, 'has the scheme javascript'],
    [{ callback: ['https://A.example/'] }, 'is not in normal form; write https://a.example/'],
    [{ 'rsa-key': '/no/such/file' }, '/no/such/file cannot be read'],
  ])('refuses %j', async (options, text) => {
    await expect(run('create-oauth1-consumer', { name: 'Bad' }, { ...LISTS, ...options })).rejects.toThrow(text);
    await expect(run('create-oauth1-consumer', { name: 'Bad' }, { ...LISTS, ...options })).rejects.toThrow(
      CommandError,
    );
  });

  test('refuses keys that are weak, of another kind, private, or none', async () => {
    const garbage = join(folder, 'garbage.pem');
    await writeFile(garbage, 'not a key');
    const secret = join(folder, 'private.pem');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await writeFile(secret, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    for (const [file, text] of [
      [await keyFile('rsa', 1024), 'its RSA key has 1024 bits; 2048 are the least.'],
      [await keyFile('ed25519'), 'its RSA key is a key of the type ed25519, not rsa.'],
      [secret, 'its RSA key is a private key: it stays with the client.'],
      [garbage, 'its RSA key is no public key in PEM.'],
    ]) {
      const options = { ...LISTS, 'rsa-key': file };
      await expect(run('create-oauth1-consumer', { name: 'Bad' }, options)).rejects.toThrow(text);
    }
  });
});

test('list-oauth1-consumers shows no secret', async () => {
  const made = await server.consumer({ name: 'Aardvark', status: 'pending' });
  const lines = await run('list-oauth1-consumers');
  expect(lines[0]).toBe(`${made.consumer.key}\tAardvark\tpending\tHMAC-SHA1,HMAC-SHA256,HMAC-SHA512`);
  expect(lines.join()).not.toContain(made.secret);
});

test('delete-oauth1-consumer ends its tokens', async () => {
  const made = await server.consumer({ name: 'Gone' });
  const request = { url: `${server.url}/me/`, ...made, token: await obtainToken(server, made) };
  expect(await run('delete-oauth1-consumer', { key: made.consumer.key })).toEqual(['Deleted Gone.']);
  expect((await sendSigned({ ...request })).status).toBe(401);
  await expect(run('delete-oauth1-consumer', { key: 'nobody' })).rejects.toThrow(
    'there is no consumer with the key nobody',
  );
});

test('revoke-oauth1-tokens ends what a user allowed, all of it or one consumer', async () => {
  const [one, other] = [await server.consumer(), await server.consumer()];
  const requests = await Promise.all(
    [one, other].map(async (made) => ({ url: `${server.url}/me/`, ...made, token: await obtainToken(server, made) })),
  );
  const statuses = () => Promise.all(requests.map(async (request) => (await sendSigned(request)).status));
  const revoke = (consumer?: string) => run('revoke-oauth1-tokens', { username: 'alice' }, { consumer });
  expect(await revoke(one.consumer.key)).toEqual(["Revoked 1 tokens of user 'alice'."]);
  expect(await statuses()).toEqual([401, 200]);
  expect(await revoke()).toEqual(["Revoked 1 tokens of user 'alice'."]);
  expect(await statuses()).toEqual([401, 401]);
  await expect(run('revoke-oauth1-tokens', { username: 'nobody' })).rejects.toThrow("user 'nobody' does not exist");
  await expect(revoke('nobody')).rejects.toThrow('there is no consumer with the key nobody');
});

test('clear-oauth1 deletes what is over, and nothing else', async () => {
  const manager = db(server.site);
  await manager.query('DELETE FROM oauth1_consumer');
  const made = await server.consumer();
  const token = await obtainToken(server, made);
  const waiting = await initiate(server, made);
  const refused = await initiate(server, made);
  await authorize(server, refused, { decision: 'deny' });
  expect(await run('clear-oauth1')).toEqual(['Deleted 1 rows.']);
  expect(await manager.count(OAuth1TemporaryCredentials)).toBe(1);
  expect((await authorize(server, waiting)).has('oauth_verifier')).toBe(true);
  server.clock.now += 600_000;
  await run('revoke-oauth1-tokens', { username: 'alice' });
  expect(await run('clear-oauth1')).toEqual(['Deleted 2 rows.']);
  expect(await manager.count(OAuth1AccessToken)).toBe(0);
  const request = { url: `${server.url}/me/`, ...made, token, timestamp: server.clock.now / 1000 };
  expect((await sendSigned(request)).status).toBe(401);
});
