// Tries clients that others wrote against our server.
//   npm run test:clients -- [NAME …]
// As root it installs the Debian packages that they need.
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClientContext, ForeignClient } from './foreign-client.ts';

const run = promisify(execFile);
const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.client.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.startsWith(name)))
  .sort();
const clients = new Map<string, ForeignClient>();
for (const file of files) clients.set(file, (await import(join(import.meta.dirname, file))) as ForeignClient);
installMissing([...clients.values()].flatMap(({ requires }) => requires));

let passed = 0;
let failed = 0;
for (const [file, client] of clients) {
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

/** Fetches what is missing from Debian, all at once; without root nothing is done, and each client says what it lacks. */
function installMissing(names: readonly string[]): void {
  const missing = [...new Set(names)].filter((name) => !isInstalled(name));
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  process.stdout.write(`installing ${missing.join(' ')}\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['update'], ['install', '--yes', '--no-install-recommends', ...missing]]) {
    const { status, stderr } = spawnSync('apt-get', ['--quiet=2', '--option=DPkg::Lock::Timeout=300', ...words], {
      env,
    });
    if (status !== 0) process.stdout.write(String(stderr));
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
