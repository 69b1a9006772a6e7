import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../bin/rf.mjs', import.meta.url));
const shop = fileURLToPath(new URL('./fixtures/shop/', import.meta.url));
let database: TestDatabase;
const running: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});
afterAll(() => database.remove());

/** The command as a person runs it, in the folder of a project. */
function rf(...words: string[]) {
  const child = spawn(process.execPath, [bin, ...words], {
    cwd: shop,
    env: { ...process.env, SHOP_DATABASE: database.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const lines: string[] = [];
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const each of waiting.filter(({ pattern }) => pattern.test(line))) each.resolve(line);
    });
  }
  return {
    child,
    lines,
    line: (pattern: RegExp) =>
      new Promise<string>((resolve) => {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) resolve(found);
        else waiting.push({ pattern, resolve });
      }),
    ended: async (): Promise<number | null> => {
      if (child.exitCode === null) await once(child, 'close');
      return child.exitCode;
    },
  };
}

test('rf serve answers, warns of what is not applied, logs no credentials, and closes at a signal', async () => {
  const server = rf('serve', '--port', '0', '--log-level', 'info');
  const [, address = ''] = /Listening on (\S+)/.exec(await server.line(/Listening on/)) ?? [];

  expect(server.lines.find((line) => line.startsWith('Not applied: auth.0001_initial'))).toBeDefined();
  expect(await (await fetch(`${address}/`)).json()).toEqual({ hello: 'world' });
  expect((await fetch(`${address}/healthz`)).status).toBe(200);
  expect((await fetch(`${address}/readyz`)).status).toBe(200);
  expect((await fetch(`${address}/stock/?access_token=hunter2`)).status).toBe(401);
  await server.line(/stock.*access_token=\[redacted\]/);
  expect(server.lines.join('\n')).not.toContain('hunter2');

  server.child.kill('SIGTERM');
  expect(await server.ended()).toBe(0);
  // The embedded database is closed, so the next command can open it.
  expect(await rf('migrate').ended()).toBe(0);
  expect(await rf('migrate', '--check').ended()).toBe(0);
});

test('rf serve refuses a port that is none', async () => {
  expect(await rf('serve', '--port', 'http').ended()).toBe(2);
});

test('rf migrate does all its work though nobody reads what it prints', async () => {
  const { remove, url } = await createTestDatabase();
  const environment = { ...process.env, SHOP_DATABASE: url };
  const child = spawn(process.execPath, [bin, 'migrate'], {
    cwd: shop,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.destroy();
  expect(await once(child, 'close')).toEqual([0, null]);
  const check = spawn(process.execPath, [bin, 'migrate', '--check'], { cwd: shop, env: environment, stdio: 'ignore' });
  expect(await once(check, 'close')).toEqual([0, null]);
  await remove();
});
