import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { tutorialBlocks } from './blocks.ts';

const root = path.resolve(import.meta.dirname, '../..');
const checkout = path.join(root, 'packages/cli/bin/rf.mjs');
/** A folder with the packages as `npm pack` makes them; without it the tutorial runs on the sources of this checkout. */
const tarballs = process.env.RF_PACKAGES;
const folder = mkdtempSync(path.join(tmpdir(), 'rf-tutorial-'));
const tools = path.join(folder, 'bin');
/** The folder that `startproject` makes. */
let project: string;
let server: { process: ChildProcess; port: string } | undefined;

const environment = {
  ...process.env,
  PATH: `${tools}:${process.env.PATH}`,
  NODE_OPTIONS: '',
  DATABASE_URL: undefined,
  // For the sources of the checkout and those of the tutorial, which stands outside of it.
  TSX_TSCONFIG_PATH: tarballs === undefined ? path.join(folder, 'tsconfig.json') : undefined,
} as NodeJS.ProcessEnv;

/** The `rf` of the project. */
const rfFile = (): string =>
  tarballs === undefined ? checkout : path.join(project, 'node_modules/@rf/cli/bin/rf.mjs');

afterEach(stopServer);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** `npx` and `npm` of a person who installed these packages from a registry. */
function installTools(): void {
  const script = (name: string, text: string): void => {
    writeFileSync(path.join(tools, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(tools, name), 0o755);
  };
  mkdirSync(tools);
  const settings = {
    extends: path.join(root, 'tsconfig.base.json'),
    include: ['**/*.ts', path.join(root, 'packages/*/src')],
  };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const begin = tarballs === undefined ? '' : ` --packages ${JSON.stringify(path.resolve(tarballs))}`;
  const rf = (file: string): string => `${JSON.stringify(process.execPath)} ${JSON.stringify(file)} "$@"`;
  const own = tarballs === undefined ? rf(checkout) : rf('node_modules/@rf/cli/bin/rf.mjs');
  script('npx', `shift; if [ "$1" = startproject ]; then exec ${rf(checkout)}${begin}; fi; exec ${own}`);
  if (tarballs === undefined) script('npm', `ln -s ${JSON.stringify(path.join(root, 'node_modules'))} node_modules`);
}

async function startServer(): Promise<string> {
  if (server !== undefined) return server.port;
  const child = spawn(process.execPath, [rfFile(), 'serve', '--port', '0', '--log-level', 'error'], {
    cwd: project,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening on http:\/\/[^:]+:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    server = { process: child, port };
    return port;
  }
  throw new Error('The server ended before it listened.');
}

async function stopServer(): Promise<void> {
  const child = server?.process;
  server = undefined;
  if (child === undefined || child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Runs what a reader types; `rf dev` is the server that is started when something is asked of it. */
async function type(commands: string): Promise<string> {
  const lines = commands.split('\n').filter((line) => !line.startsWith('npx rf dev'));
  let text = lines.join('\n');
  if (text.includes('127.0.0.1:8000')) text = text.replaceAll('127.0.0.1:8000', `127.0.0.1:${await startServer()}`);
  else await stopServer();
  // Variables and the folder stay from one block to the next, as in one terminal.
  const state = path.join(folder, 'state');
  const script = `[ -f ${state} ] && . ${state}; set -e\n${text}\n{ echo "cd '$PWD'"; export -p; } > ${state}`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: environment });
  // Readers see the port that the page names.
  return server === undefined ? stdout : stdout.replaceAll(`127.0.0.1:${server.port}`, '127.0.0.1:8000');
}

/** What differs from run to run: moments and tokens. */
const settled = (text: string): unknown =>
  JSON.parse(
    text
      .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"a moment"')
      .replace(/"token":\s*"[0-9a-f]{40}"/g, '"token": "a token"'),
  );

beforeAll(installTools);

const tutorial = readdirSync(path.join(root, 'docs/tutorial')).sort();

test.each([
  ['quickstart', ['quickstart.md']],
  ['tutorial', tutorial.map((page) => `tutorial/${page}`)],
])(
  'what the %s says is what happens, and its project type-checks after each page',
  {
    timeout: 300_000,
  },
  async (name, pages) => {
    project = path.join(folder, name);
    rmSync(path.join(folder, 'state'), { force: true });
    for (const page of pages) {
      let output = '';
      for (const block of tutorialBlocks(readFileSync(path.join(root, 'docs', page), 'utf8'))) {
        if (block.file !== undefined) {
          await stopServer();
          mkdirSync(path.dirname(path.join(project, block.file)), { recursive: true });
          writeFileSync(path.join(project, block.file), block.text);
        } else if (block.language === 'sh') output = await type(block.text);
        else if (block.language === 'json')
          expect(settled(output), `${page}:${block.line}`).toEqual(settled(block.text));
        else if (block.language === 'text') expect(output, `${page}:${block.line}`).toContain(block.text.trim());
      }
      await stopServer();
      const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
      const told = await promisify(execFile)(
        process.execPath,
        [compiler, '--noEmit', ...(tarballs === undefined ? ['--customConditions', '@rf/source'] : [])],
        { cwd: project },
      ).then(
        () => '',
        (error: { stdout: string }) => error.stdout,
      );
      expect(told, page).toBe('');
    }
  },
);
