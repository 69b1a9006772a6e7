import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auth, createUser, SessionAuthentication } from '@rf/auth';
import { CavageSignatureAuthentication, httpSignature, SignatureKey } from '@rf/http-signature';
import { db } from '@rf/orm';
import { defineProject, detectChanges, migrate, openProject, type Project, runChecks, runCommand } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let database: TestDatabase;
let project: Project;
const folder = mkdtempSync(join(tmpdir(), 'rf-keys-'));

const makeProject = (overrides: object = {}, settings: object = {}): Project =>
  defineProject({
    apps: [auth(), httpSignature(settings)],
    database: database.url,
    urls: [],
    secretKey: 'the secret key of the test project, long enough',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    settings: { defaultAuthenticationClasses: [SessionAuthentication], ...overrides },
  });

beforeAll(async () => {
  database = await createTestDatabase();
  project = makeProject();
  await migrate(project);
  const site = await openProject(project);
  await createUser(site, { username: 'alice' });
  await site.close();
});
afterAll(async () => {
  await database.remove();
  rmSync(folder, { recursive: true });
});

async function rf(name: string, ...words: string[]): Promise<{ code: number; out: string }> {
  const command = project.apps.flatMap((app) => app.commands).find((one) => one.name === name);
  const lines: string[] = [];
  const write = (text: string) => void lines.push(text);
  const terminal = { stdout: write, stderr: write, prompt: async () => '', isInteractive: false, env: {} };
  const code = await runCommand(command as NonNullable<typeof command>, words, { project, terminal });
  return { code, out: lines.join('\n') };
}

/** The rows by key id. */
async function keys(): Promise<Map<string, SignatureKey>> {
  const site = await openProject(project);
  const rows = await db(site).find(SignatureKey);
  await site.close();
  return new Map(rows.map((row) => [row.keyId, row]));
}

describe('the commands', () => {
  test('make, list, rotate and revoke keys', async () => {
    const file = join(folder, 'alice.pem');
    const pair = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    writeFileSync(file, pair.publicKey.export({ type: 'spki', format: 'pem' }));
    const words = ['--alg', 'rsa-pss-sha512', '--public-key', file, '--key-id', 'first'];
    expect(await rf('create-signature-key', 'alice', ...words)).toEqual({
      code: 0,
      out: 'keyid first\nalgorithm rsa-pss-sha512',
    });
    expect((await keys()).get('first')?.publicJwk).toMatchObject({ kty: 'RSA', e: 'AQAB' });

    const secret = await rf('create-signature-key', 'alice', '--alg', 'hmac-sha256', '--key-id', 'second');
    const text = /secret \(Base64\) (\S+)/.exec(secret.out)?.[1] as string;
    expect(Buffer.from(text, 'base64')).toHaveLength(64);
    expect((await keys()).get('second')?.secretSealed).not.toContain(text);

    const rotated = await rf('rotate-signature-key', 'second', '--overlap', '60');
    const newId = /keyid (\S+)/.exec(rotated.out)?.[1] as string;
    const rows = await keys();
    expect(rows.get(newId)).toMatchObject({ algorithm: 'hmac-sha256', active: true, expires: null });
    const left = (rows.get('second')?.expires?.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);

    expect(await rf('revoke-signature-key', newId)).toEqual({ code: 0, out: `Revoked ${newId}.` });
    const { out } = await rf('list-signature-keys', '--user', 'alice');
    expect(out.split('\n')).toHaveLength(3);
    expect(out).toMatch(new RegExp(`${newId}  hmac-sha256  alice  revoked, used never`));
    expect((await rf('list-signature-keys', '--user', 'nobody')).out).toBe('');
  });

  test.each([
    [['create-signature-key', 'nobody'], 1, "user 'nobody' does not exist"],
    [['create-signature-key', 'alice', '--alg', 'rsa-sha1'], 2, 'is none of ed25519'],
    [['create-signature-key', 'alice', '--public-key', join(folder, 'absent')], 1, 'cannot be read'],
    [['rotate-signature-key', 'absent'], 1, 'there is no key absent'],
    [['revoke-signature-key', 'absent'], 1, 'there is no key absent'],
  ])('%j fails with what is wrong', async ([name = '', ...words], code, message) => {
    const answer = await rf(name, ...words);
    expect(answer.code).toBe(code);
    expect(answer.out).toContain(message);
  });
});

test('rf check --deploy warns of draft-cavage everywhere, of long ages and of any host', async () => {
  const ids = async (checked: Project) =>
    (await runChecks(checked, { deploy: true })).map(({ id }) => id).filter((id) => id.startsWith('http_signature'));
  expect(await ids(makeProject({ allowedHosts: ['api.example.com'] }))).toEqual([]);
  const weak = { allowedHosts: null, defaultAuthenticationClasses: [CavageSignatureAuthentication] };
  expect(await ids(makeProject(weak, { maxAge: 7200 }))).toEqual([
    'http_signature.W001',
    'http_signature.W002',
    'http_signature.W003',
  ]);
});

test('the migrations make what the entity says', async () => {
  expect(await detectChanges(project)).toEqual([]);
});
