import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'rf-packed-'));
const tarballs = path.join(folder, 'tarballs');
const demo = path.join(folder, 'demo');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PACKAGES = [
  'auth',
  'authtoken',
  'cli',
  'exceptions',
  'fastify',
  'generics',
  'orm',
  'project',
  'serializers',
  'views',
];
const environment = { ...process.env, NODE_OPTIONS: '', TSX_TSCONFIG_PATH: undefined, DATABASE_URL: undefined };
const at = (directory: string, file: string, ...words: string[]) =>
  run(process.execPath, [file, ...words], { cwd: directory, env: environment as NodeJS.ProcessEnv });
const rf = (...words: string[]) => at(demo, path.join(demo, 'node_modules/@rf/cli/bin/rf.mjs'), ...words);

/** What `npm install` does with the tarballs, without a registry: the other packages are those of this checkout. */
async function install(): Promise<void> {
  const modules = path.join(demo, 'node_modules');
  mkdirSync(path.join(modules, '@rf'), { recursive: true });
  for (const name of PACKAGES) {
    const [file] = readdirSync(tarballs).filter((each) => new RegExp(`^rf-${name}-\\d`).test(each));
    const target = path.join(modules, '@rf', name);
    mkdirSync(target);
    await run('tar', ['-xzf', path.join(tarballs, file as string), '-C', target, '--strip-components=1']);
  }
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name !== '@rf' && !name.startsWith('.'))
      symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
}

beforeAll(async () => {
  mkdirSync(tarballs);
  await at(root, path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'tsconfig.build.json');
  const workspaces = PACKAGES.map((name) => `--workspace=@rf/${name}`);
  await run('npm', ['pack', ...workspaces, '--pack-destination', tarballs], { cwd: root });
  await at(folder, path.join(root, 'packages/cli/bin/rf.mjs'), 'startproject', 'demo', '--packages', tarballs);
  await install();
}, 300_000);

test('packages hold what they need and nothing that only this checkout has', () => {
  const cli = path.join(demo, 'node_modules/@rf/cli');

  expect(existsSync(path.join(cli, 'dist/index.js'))).toBe(true);
  expect(existsSync(path.join(cli, 'tests'))).toBe(false);
  expect(JSON.parse(readFileSync(path.join(demo, 'package.json'), 'utf8'))).toMatchObject({
    name: 'demo',
    dependencies: { '@rf/cli': expect.stringMatching(/^file:.*rf-cli-\d.*\.tgz$/) },
  });
});

test('a new project runs with the commands that startproject prints', async () => {
  expect((await rf('migrate')).stdout).toContain('Applied authtoken.0001_initial');
  const { stdout } = await rf('createsuperuser', '--noinput', '--username', 'admin', '--email', 'admin@example.com');
  expect(stdout).toContain('Superuser created successfully.');
  expect((await rf('check')).stdout).toBe('No issues.\n');
  expect((await rf('explain', 'POST', '/', '--as', 'admin')).stdout).toContain('Method \\"POST\\" not allowed.');
}, 120_000);

test('a new app gets its table, and its types are right', async () => {
  await rf('startapp', 'notes');
  const edit = (file: string, changes: readonly (readonly [string, string])[]) => {
    let text = readFileSync(path.join(demo, file), 'utf8');
    for (const [from, to] of changes) text = text.replace(from, to);
    writeFileSync(path.join(demo, file), text);
  };
  edit('project.ts', [
    ["import { urls } from './urls.ts';", "import { notes } from './notes/app.ts';\nimport { urls } from './urls.ts';"],
    ['authtoken()]', 'authtoken(), notes]'],
  ]);
  edit('urls.ts', [
    ['import { path,', 'import { include, path,'],
    [
      "import { Hello } from './views.ts';",
      "import { notesUrls } from './notes/urls.ts';\nimport { Hello } from './views.ts';",
    ],
    ['authUrls(', "include('/notes/', notesUrls),\n  authUrls("],
  ]);

  expect((await rf('makemigrations')).stdout).toContain('notes/migrations/0001_initial.ts');
  expect((await rf('migrate')).stdout).toBe('Applied notes.0001_initial\n');
  expect((await rf('makemigrations', '--check')).stdout).toBe('No changes.\n');
  expect((await rf('shell', '-c', "(await db.save(Note, { title: 'First' })).id")).stdout).toBe('1\n');
  await at(demo, path.join(root, 'node_modules/typescript/bin/tsc'), '--noEmit');
}, 180_000);
