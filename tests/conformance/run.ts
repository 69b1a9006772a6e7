// Replays the recordings against the reference application, on an embedded database and, with DATABASE_URL, on PostgreSQL.
//   npm run conformance -- [--area NAME] [--only TEXT]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { replayAll } from './replay.ts';

const { values } = parseArgs({ options: { area: { type: 'string' }, only: { type: 'string' } } });

const here = import.meta.dirname;
const scenarios = process.env.RF_SCENARIOS ?? resolve(here, 'recordings');
if (!existsSync(scenarios)) throw new Error(`there are no recordings at ${scenarios}`);

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

async function replayOn(database: string): Promise<{ passed: number; failed: number }> {
  const port = await freePort();
  const server = spawn(process.execPath, ['--conditions=@rf/source', '--import=tsx', resolve(here, 'serve.ts')], {
    env: { ...process.env, PORT: String(port), DATABASE_URL: database },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await new Promise<void>((done, fail) => {
      server.stdout.once('data', () => done());
      server.once('exit', (code) => fail(new Error(`the server ended with ${code} before it listened`)));
    });
    return await replayAll(`http://127.0.0.1:${port}`, scenarios, values);
  } finally {
    server.kill('SIGTERM');
  }
}

const databases = ['pglite://memory', ...(process.env.DATABASE_URL ? [process.env.DATABASE_URL] : [])];
let passed = 0;
let failed = 0;
for (const database of databases) {
  const result = await replayOn(database);
  process.stdout.write(`${database.split(':')[0]}: ${result.passed} passed, ${result.failed} failed\n`);
  passed += result.passed;
  failed += result.failed;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
