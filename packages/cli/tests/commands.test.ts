import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AbstractUser, auth, User } from '@rf/auth';
import { main } from '@rf/cli';
import { substitutable } from '@rf/orm';
import { defineApp, defineProject, MigrationGraph, type Project } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { RecordingTerminal } from '@rf/testing/terminal';
import { APIView, formatSuffixPatterns, path as url } from '@rf/views';
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Item } from './fixtures/shop/item.ts';
import shopProject from './fixtures/shop/project.ts';

@Entity('shop_item')
class LongerItem {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'integer' })
  count!: number;
}

@Entity('notes_member')
class Member extends AbstractUser {}

@Entity('notes_note')
class Note {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  author!: AbstractUser;
}

const migrations = new URL('./fixtures/shop/migrations/', import.meta.url);
let database: TestDatabase;
let project: Project;
beforeAll(async () => {
  database = await createTestDatabase();
  const shop = defineApp({ label: 'shop', entities: [Item], migrations });
  project = defineProject({ apps: [auth(), shop], database: database.url, urls: [], secretKey: 'k' });
});
afterAll(() => database.remove());

const run = async (of: Project, words: string[], answers?: string[]) => {
  const terminal = new RecordingTerminal(answers === undefined ? {} : { answers });
  const code = await main(words, { terminal, project: of });
  return { code, output: terminal.output, errors: terminal.errors };
};
const rf = (...words: string[]) => run(project, words);

describe('rf migrate and rf showmigrations', () => {
  test('show, apply and take back', async () => {
    expect(await rf('migrate', '--plan')).toMatchObject({
      code: 0,
      output: 'apply auth.0001_initial\napply auth.0002_sessions\napply shop.0001_initial\n',
    });
    expect((await rf('migrate', '--check')).code).toBe(1);
    expect(await rf('migrate')).toMatchObject({
      code: 0,
      output: 'Applied auth.0001_initial\nApplied auth.0002_sessions\nApplied shop.0001_initial\n',
    });
    expect(await rf('migrate', '--check')).toMatchObject({ code: 0, output: 'Nothing to do.\n' });
    expect((await rf('showmigrations', 'shop')).output).toBe('shop\n [X] 0001_initial\n');

    expect((await rf('migrate', 'shop', 'zero')).output).toBe('Took back shop.0001_initial\n');
    expect((await rf('showmigrations')).output).toBe(
      'auth\n [X] 0001_initial\n [X] 0002_sessions\nshop\n [ ] 0001_initial\n',
    );
    expect((await rf('showmigrations', '--plan')).output).toContain(
      '[X] auth.0002_sessions  (needs auth.0001_initial)\n[ ] shop.0001_initial\n',
    );
    expect((await rf('migrate', 'shop', '0001', '--fake')).output).toBe('Applied shop.0001_initial (recorded only)\n');
    expect((await rf('migrate', 'shop', 'zero', '--fake')).output).toBe(
      'Took back shop.0001_initial (recorded only)\n',
    );
  });

  test('know no other app', async () => {
    expect(await rf('migrate', 'shopp')).toMatchObject({
      code: 1,
      errors: 'Error: The project has no app shopp. It has: auth, shop.\n',
    });
  });
});

describe('rf sqlmigrate', () => {
  test('shows a migration as a transaction', async () => {
    expect((await rf('sqlmigrate', 'shop', '0001', '--backwards')).output).toBe(
      'BEGIN;\nDROP TABLE "shop_item";\nCOMMIT;\n',
    );
  });
});

describe('rf makemigrations', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'rf-make-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const changed = (): Project => {
    cpSync(migrations, path.join(folder, 'migrations'), { recursive: true });
    const own = pathToFileURL(path.join(folder, 'migrations/'));
    const shop = defineApp({ label: 'shop', entities: [LongerItem], migrations: own });
    return defineProject({ apps: [shop], database: 'postgresql://nowhere/none', urls: [] });
  };
  const files = () => readdirSync(path.join(folder, 'migrations'));

  test('finds nothing to do where entities and migrations agree', async () => {
    expect(await rf('makemigrations', '--check')).toMatchObject({ code: 0, output: 'No changes.\n' });
  });

  test('with --check tells what is missing, by its exit code as well, and writes nothing', async () => {
    expect(await run(changed(), ['makemigrations', '--check'])).toMatchObject({
      code: 1,
      output: 'shop:\n  - add shop_item.count\n  - alter shop_item.name\n',
    });
    expect(files()).toEqual(['0001_initial.ts']);
  });

  test('refuses a column without a value for existing rows where nobody can be asked', async () => {
    expect(await run(changed(), ['makemigrations'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('shop_item.count is new, must not be null and has no default'),
    });
  });

  test('asks for that value in a terminal, and writes a migration', async () => {
    const { code, output } = await run(changed(), ['makemigrations', '--name', 'count'], ['0']);

    expect(code).toBe(0);
    expect(output).toContain('0002_count.ts\nshop:\n  - add shop_item.count\n  - alter shop_item.name\n');
    const source = readFileSync(path.join(folder, 'migrations', '0002_count.ts'), 'utf8');
    expect(source).toContain('ADD "count" integer NOT NULL DEFAULT 0');
    expect(source).toContain('ALTER COLUMN "name" TYPE character varying(200)');
    expect((await run(changed(), ['makemigrations'])).output).toBe('No changes.\n');
  });

  test('writes an empty migration on demand', async () => {
    const { output } = await run(changed(), ['makemigrations', 'shop', '--empty', '-n', 'by_hand']);

    expect(output).toMatch(/0003_by_hand\.ts\n$/);
    expect(files()).toEqual(['0001_initial.ts', '0002_count.ts', '0003_by_hand.ts']);
  });

  describe('for a relation to the user model', () => {
    /** A project of its own, so that no module of another is found under the same URL. */
    const projectWith = (name: string, userModel?: typeof Member) => {
      const folderOf = (label: string) => pathToFileURL(path.join(folder, name, `${label}/`));
      const notes = defineApp({ label: 'notes', entities: [Note], migrations: folderOf('notes') });
      const members = defineApp({ label: 'members', entities: [Member], migrations: folderOf('members') });
      const apps = [notes, auth(), ...(userModel === undefined ? [] : [members])];
      return defineProject({ apps, ...(userModel && { userModel }), database: 'postgresql://nowhere/none', urls: [] });
    };
    const written = (name: string) => readFileSync(path.join(folder, name, 'notes/0001_initial.ts'), 'utf8');
    const parents = async (of: Project) => {
      const graph = await MigrationGraph.load(of);
      return [...(graph.get('notes.0001_initial')?.parents ?? [])].map(({ id }) => id);
    };
    beforeAll(() => symlinkSync(path.resolve(import.meta.dirname, '../../../node_modules'), `${folder}/node_modules`));

    test('waits for the stock model by its name', async () => {
      const stock = projectWith('stock');
      expect((await run(stock, ['makemigrations', 'notes'])).errors).toBe('');

      expect(written('stock')).toContain(
        "import { User } from '@rf/auth';\nimport { type Migration, swappable } from ",
      );
      expect(written('stock')).toContain('static readonly dependencies = [swappable(User)] as const;');
      expect(written('stock')).toContain('REFERENCES "auth_user"');
      expect(await parents(stock)).toEqual(['auth.0001_initial']);
    });

    test('waits for the model of another app in the same words, however many migrations that app has', async () => {
      const custom = projectWith('custom', Member);
      await run(custom, ['makemigrations', 'members']);
      await run(custom, ['makemigrations', 'members', '--empty', '-n', 'later']);
      await run(custom, ['makemigrations']);

      expect(written('custom')).toContain('static readonly dependencies = [swappable(User)] as const;');
      expect(written('custom')).toContain('REFERENCES "notes_member"');
      expect(await parents(custom)).toEqual(['members.0001_initial']);
      expect((await run(custom, ['makemigrations', '--check'])).output).toBe('No changes.\n');
    });

    test('says when that app has no migrations yet', async () => {
      expect(await run(projectWith('early', Member), ['makemigrations', 'notes'])).toMatchObject({
        code: 1,
        errors: expect.stringContaining('notes refers to tables of members, which has no migrations yet'),
      });
    });
  });

  test('refuses to write for an app that lists its migrations', async () => {
    expect(await rf('makemigrations', 'auth', '--empty')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('auth lists its migrations by hand'),
    });
  });
});

describe('rf routes', () => {
  test('lists URLs with their views and policies, and needs no database', async () => {
    const { output } = await run(shopProject, ['routes', '--json']);

    expect(JSON.parse(output)).toContainEqual({
      methods: 'GET,HEAD',
      pattern: '/stock/',
      view: 'Stock',
      name: 'stock',
      authentication: 'TokenAuthentication,SessionAuthentication',
      permissions: 'IsAuthenticated,AnyOf',
    });
    expect((await run(shopProject, ['routes'])).output).toMatch(/^METHODS +PATTERN +VIEW +NAME/);
  });

  test('leaves out what only adds a format suffix, unless asked for all', async () => {
    class Look extends APIView {
      override get() {
        return {};
      }
    }
    const urls = [
      ...formatSuffixPatterns([url('/', Look), url('/stock/:pk/', Look)]),
      ...formatSuffixPatterns([url('/report', Look)], { suffixRequired: true }),
    ];
    const project = defineProject({
      apps: [],
      database: 'postgresql://h/d',
      urls,
      settings: { defaultPermissionClasses: [] },
    });
    const patterns = async (...words: string[]) =>
      (await run(project, ['routes', ...words])).output.match(/(?<= )\/\S*/g);

    expect(await patterns()).toEqual(['/', '/stock/:pk/', '/report.:format([a-z0-9]+)/', '/report.:format([a-z0-9]+)']);
    expect((await run(project, ['routes'])).output).toContain('\n4 more with a format suffix: rf routes --all\n');
    expect(await patterns('--all')).toHaveLength(8);
  });
});

describe('rf check', () => {
  test('fails for errors, and for warnings when asked', async () => {
    const weak = defineProject({ apps: [], database: 'postgresql://h/d', urls: [], secretKey: 'short' });

    expect(await run(weak, ['check'])).toMatchObject({ code: 0, output: 'No issues.\n' });
    const deploy = await run(weak, ['check', '--deploy']);
    expect(deploy.code).toBe(0);
    expect(deploy.output).toMatch(/^warning project\.W001: The secretKey is short/);
    expect(deploy.output).toMatch(/0 errors, 2 warnings\.\n$/);
    expect((await run(weak, ['check', '--deploy', '--fail-level', 'warning'])).code).toBe(1);
    expect((await run(weak, ['check', '--fail-level', 'all'])).code).toBe(2);
  });
});

describe('rf shell', () => {
  test('shows the value of an expression, or what statements return', async () => {
    await rf('migrate');

    expect(await rf('shell', '-c', 'await db.count(Item)')).toEqual({ code: 0, output: '0\n', errors: '' });
    expect((await rf('shell', '-c', 'const n = 2; return n * 3')).output).toBe('6\n');
  });

  test('fails with what the code throws', async () => {
    expect(await rf('shell', '-c', 'nothing.there')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('Error: nothing is not defined'),
    });
  });
});
