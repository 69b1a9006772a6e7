import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main } from '@rf/cli';
import { RecordingTerminal } from '@rf/testing/terminal';
import { afterAll, describe, expect, test } from 'vitest';
import project from './fixtures/shop/project.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rf-main-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rf = async (...words: string[]) => {
  const terminal = new RecordingTerminal();
  const code = await main(words, { terminal, project });
  return { code, output: terminal.output, errors: terminal.errors };
};
const rfIn = async (directory: string, ...words: string[]) => {
  const terminal = new RecordingTerminal();
  const code = await main(words, { terminal, directory });
  return { code, output: terminal.output, errors: terminal.errors };
};

describe('rf', () => {
  test('lists its own commands and those of the project’s apps', async () => {
    const { code, output } = await rf('--help');

    expect(code).toBe(0);
    expect(output).toMatch(/^ {2}migrate +Bring the database to the state that the migrations describe\.$/m);
    expect(output).toMatch(/^ {2}createsuperuser +/m);
    expect(output).toMatch(/^ {2}greet +Greet somebody\.$/m);
  });

  test('runs a command of an app', async () => {
    expect(await rf('greet', 'Ada', '--loud')).toEqual({ code: 0, output: 'ADA\n', errors: '' });
  });

  test('takes a command that there is not for a wrong call, and guesses what was meant', async () => {
    expect(await rf('gret')).toEqual({
      code: 2,
      output: '',
      errors: 'Error: There is no command gret. Did you mean greet?\nTry: rf --help\n',
    });
  });

  test('says its version', async () => {
    expect((await rf('--version')).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('every command of its own has help and needs no project for it', async () => {
    const { output } = await rfIn(folder, '--help');
    const names = [...output.matchAll(/^ {2}([a-z]+) {2,}/gm)].map((match) => match[1] as string);

    expect(names).toHaveLength(12);
    for (const name of names) {
      const help = await rfIn(folder, name, '--help');
      expect([name, help.code, help.errors]).toEqual([name, 0, '']);
      expect(help.output).toMatch(new RegExp(`^Usage: rf ${name}\\b`));
    }
  });
});

describe('the project', () => {
  test('that is nowhere is an error that says what to do', async () => {
    const { code, errors } = await rfIn(folder, 'routes');

    expect(code).toBe(1);
    expect(errors).toContain('There is no project here: run this in a folder with project.ts, give --project FILE');
  });

  test('that is named and does not exist is an error', async () => {
    expect(await rfIn(folder, '--project', 'gone.ts', 'routes')).toMatchObject({
      code: 1,
      errors: expect.stringContaining(`${folder}/gone.ts, named by --project, does not exist.`),
    });
  });

  test('is found in a folder above, by its name or as package.json says', async () => {
    const source = (label: string) =>
      `export default { apps: [{ label: '${label}', commands: [] }], urls: [], settings: {}, clock: Date.now, entitiesOf: () => [] };`;
    const below = path.join(folder, 'one', 'deep', 'er');
    mkdirSync(below, { recursive: true });
    mkdirSync(path.join(folder, 'one', 'src'));
    writeFileSync(path.join(folder, 'one', 'src', 'project.js'), source('found'));
    writeFileSync(path.join(folder, 'one', 'other.mjs'), source('other'));

    expect(await rfIn(below, 'routes', '--json')).toMatchObject({ code: 0, output: '[]\n' });
    writeFileSync(path.join(folder, 'one', 'package.json'), '{ "rf": { "project": "gone.js" } }');
    expect((await rfIn(below, 'routes')).errors).toContain(`named by ${folder}/one/package.json, does not exist`);
    writeFileSync(path.join(folder, 'one', 'package.json'), '{ "rf": { "project": "./other.mjs" } }');
    expect(await rfIn(below, 'routes', '--json')).toMatchObject({ code: 0, output: '[]\n' });
  });

  test('must be the default export of its file', async () => {
    const file = path.join(folder, 'empty.mjs');
    writeFileSync(file, 'export const project = 1;');

    expect((await rfIn(folder, 'routes', `--project=${file}`)).errors).toContain(
      'has no project: write export default defineProject({ … }).',
    );
  });

  test('in TypeScript must be an ES module, which npm init does not make it', async () => {
    const directory = path.join(folder, 'commonjs', 'src');
    mkdirSync(directory, { recursive: true });
    const manifest = path.join(folder, 'commonjs', 'package.json');
    writeFileSync(path.join(directory, 'project.ts'), 'export default 1;');
    writeFileSync(manifest, '{ "name": "shop" }');

    expect(await rfIn(directory, 'routes')).toEqual({
      code: 1,
      output: '',
      errors: `Error: ${path.join(directory, 'project.ts')} is no ES module. Write "type": "module" in ${manifest}.\n`,
    });
  });

  test('that cannot be loaded is an error that names the place', async () => {
    const directory = path.join(folder, 'broken');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'views.mjs'), 'export const view = 1;\n\nnobody.knows;\n');
    const project = (first: string) =>
      writeFileSync(path.join(directory, 'project.mjs'), `${first}\nexport default {};`);

    project("import './views.mjs';");
    expect((await rfIn(directory, 'routes')).errors).toMatch(/^Error: nobody is not defined \(views\.mjs:3\)\n/);
  });

  test('comes with the variables of the .env file beside it, after those that are set', async () => {
    const directory = path.join(folder, 'env');
    mkdirSync(directory);
    writeFileSync(path.join(directory, '.env'), 'RF_TEST_NEW=from-file\nRF_TEST_SET=from-file\n');
    writeFileSync(
      path.join(directory, 'project.mjs'),
      'globalThis.rfTestSeen = [process.env.RF_TEST_NEW, process.env.RF_TEST_SET]; export default { apps: [], urls: [], settings: {}, entitiesOf: () => [] };',
    );
    process.env.RF_TEST_SET = 'set';
    await rfIn(directory, 'routes', '--json');
    delete process.env.RF_TEST_SET;
    delete process.env.RF_TEST_NEW;

    expect((globalThis as { rfTestSeen?: unknown }).rfTestSeen).toEqual(['from-file', 'set']);
  });
});
