import { generateKeyPairSync } from 'node:crypto';
import { auth, authUrls } from '@rf/auth';
import { OAuth1Consumer, type OAuth1Options, oauth1, oauth1Urls, OAuthAuthentication } from '@rf/oauth1';
import { db } from '@rf/orm';
import {
  type App,
  defineProject,
  detectChanges,
  migrateDatabase,
  MigrationGraph,
  openProject,
  runChecks,
} from '@rf/project';
import { createTestDatabase } from '@rf/testing';
import type { UrlEntry } from '@rf/views';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

const projectWith = (options: OAuth1Options = {}, urls: readonly UrlEntry[] = [authUrls('/'), oauth1Urls()]) =>
  defineProject({
    apps: [auth(), oauth1(options)],
    database: 'pglite://memory',
    urls,
    secretKey: 'a secret key of the tests, long enough',
    settings: { defaultAuthenticationClasses: [OAuthAuthentication] },
  });

test.each([
  [{ scopes: {} }, "oauth1(): scopes is empty. Write for instance scopes: { read: 'Read your data' }."],
  [{ scopes: { 'a b': '' } }, 'oauth1(): scopes: "a b" is no scope name'],
  [{ signatureMethods: [] }, 'oauth1(): signatureMethods is empty.'],
  [{ signatureMethods: ['HMAC-MD5'] }, 'oauth1(): signatureMethods: "HMAC-MD5" is none of HMAC-SHA1,'],
  [{ timestampWindow: 0 }, 'oauth1(): timestampWindow: 0 is not a number of seconds above 0.'],
  [{ temporaryLifetime: -1 }, 'oauth1(): temporaryLifetime: -1 is not'],
  [{ tokenLifetime: Number.NaN }, 'oauth1(): tokenLifetime: NaN is not'],
  [{ realm: 'a"b' }, 'oauth1(): realm: "a\\"b" cannot stand between quotes in a header.'],
])('options that cannot work are refused: %j', (options, text) => {
  expect(() => oauth1(options as OAuth1Options)).toThrow(text);
});

const idsOf = async (project: ReturnType<typeof projectWith>, deploy: boolean): Promise<readonly string[]> =>
  (await runChecks(project, { deploy })).map(({ id }) => id).filter((id) => id.startsWith('oauth1.'));

test('rf check misses the URLs, and a login page', async () => {
  expect(await idsOf(projectWith({}, []), false)).toEqual(['oauth1.W001']);
  expect(await idsOf(projectWith({}, [oauth1Urls()]), false)).toEqual(['oauth1.E001']);
  expect(await idsOf(projectWith({ loginUrl: '/in/' }, [oauth1Urls()]), false)).toEqual([]);
});

test('rf check --deploy warns of what needs TLS or is weak', async () => {
  expect(await idsOf(projectWith(), true)).toEqual([]);
  const weak = projectWith({ signatureMethods: ['PLAINTEXT', 'RSA-SHA1'], tlsRequired: false });
  expect(await idsOf(weak, true)).toEqual(['oauth1.W002', 'oauth1.W003', 'oauth1.W004']);
  expect(await idsOf(weak, false)).toEqual([]);
});

test('the migration makes the tables that the entities have', async () => {
  expect(await detectChanges(projectWith())).toEqual([]);
});

test('the migration can be taken back', async () => {
  const database = await createTestDatabase();
  const site = await openProject(defineProject({ ...projectWith(), apps: [auth(), oauth1()], database: database.url }));
  const graph = await MigrationGraph.load(site.project);
  await migrateDatabase(site.dataSource, site.project, graph);
  await migrateDatabase(site.dataSource, site.project, graph, { app: site.project.app('oauth1') as App, name: 'zero' });
  const tables = await site.dataSource.query("SELECT FROM information_schema.tables WHERE table_name LIKE 'oauth1%'");
  expect(tables).toEqual([]);
  await site.close();
  await database.remove();
});

test('a project does not open while an accepted consumer has a weak key', async () => {
  const server = await startServer();
  const { consumer } = await server.consumer();
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsaPublicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await db(server.site).update(OAuth1Consumer, { id: consumer.id }, { rsaPublicKey });
  const ready = server.site.project.apps.find(({ label }) => label === 'oauth1')?.ready;
  await expect(ready?.(server.site)).rejects.toThrow(
    `The OAuth1 consumer ${consumer.key} has an RSA key which has 1024 bits; 2048 are the least.`,
  );
  await db(server.site).update(OAuth1Consumer, { id: consumer.id }, { status: 'canceled' });
  await ready?.(server.site);
  await server.close();
});
