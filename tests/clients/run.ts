// Tries clients that others wrote against our server.
//   npm run test:clients -- [NAME …]
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientContext, ForeignClient } from './foreign-client.ts';

const run = promisify(execFile);
const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.client.ts'))
  .sort();
let passed = 0;
let failed = 0;

for (const file of files) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  const client = (await import(join(import.meta.dirname, file))) as ForeignClient;
  try {
    process.stdout.write(`# ${client.name}\n`);
    await attempt(client);
    process.stdout.write(`ok ${file}\n`);
    passed += 1;
  } catch (error) {
    process.stdout.write(`FAIL ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    failed += 1;
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

async function attempt(client: ForeignClient): Promise<void> {
  const missing = client.requires.filter((name) => !isInstalled(name));
  if (missing.length > 0) throw new Error(`install the Debian packages first: apt-get install ${missing.join(' ')}`);
  const { url, values, close } = await client.serve();
  try {
    await client.run(url, contextFor(url, values));
  } finally {
    await close();
  }
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name]);
  return String(stdout) === 'installed';
}

function contextFor(url: string, values: Readonly<Record<string, string>>): ClientContext {
  const print = (text: string): void => {
    for (const line of text.split('\n')) if (line !== '') process.stdout.write(`  ${line}\n`);
  };
  return {
    values,
    print,
    async execute(command, args, environment = {}) {
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...values, BASE_URL: url, ...environment };
      const { stdout, stderr } = await run(command, [...args], { env, timeout: 120_000 });
      print(stdout);
      print(stderr);
      return stdout;
    },
  };
}
