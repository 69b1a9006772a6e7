import {
  AbstractUser,
  auth,
  authenticate,
  ContentType,
  createSuperuser,
  createUser,
  findUser,
  getAllPermissions,
  Group,
  isPasswordUsable,
  ModelBackend,
  modelPermissions,
  Permission,
  RemoteUserBackend,
  ScryptPasswordHasher,
  userModel,
  userNamed,
  users,
} from '@rf/auth';
import { authtoken, createToken, Token } from '@rf/authtoken';
import { atomic, db } from '@rf/orm';
import {
  type App,
  CommandError,
  defineApp,
  defineProject,
  detectChanges,
  type Migration,
  migrateDatabase,
  MigrationGraph,
  openProject,
  type ProjectSite,
} from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { APIView, type HttpRequest, mount, path, type Request } from '@rf/views';
import { Readable } from 'node:stream';
import { Column, Entity, type QueryRunner } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

@Entity('members_member')
@modelPermissions({ promote_member: 'Can promote a member' }, { defaults: ['view', 'change'] })
class Member extends AbstractUser {
  static override readonly usernameField = 'email';
  static override readonly requiredFields = ['nickname'];

  @Column({ type: 'varchar', length: 40, default: '' })
  nickname!: string;
}

let statements: readonly string[] = [];

/** What `rf makemigrations` would write. */
class Members0001 implements Migration {
  static readonly dependencies = [['auth', '0001_initial']] as const;
  readonly name = '0001_initial';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }
  async down(): Promise<void> {}
}

class Who extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}

let database: TestDatabase;

function makeProject(migrations: readonly (typeof Members0001)[] = [Members0001], url = database.url) {
  const members = defineApp({ label: 'members', entities: [Member], migrations });
  return defineProject({
    apps: [
      auth({
        backends: [new ModelBackend(), new RemoteUserBackend()],
        passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })],
      }),
      authtoken(),
      members,
    ],
    userModel: Member,
    database: url,
    secretKey: 'the secret key of a test, long enough',
    urls: [path('/who/', Who)],
  });
}

let site: ProjectSite;
let request: Request;

beforeAll(async () => {
  database = await createTestDatabase();
  const before = makeProject([], 'pglite://memory');
  const [changes] = await detectChanges(before, { apps: [before.app('members') as App] });
  statements = changes?.operations.flatMap(({ up }) => up) ?? [];
  const project = makeProject();
  site = await openProject(project);
  await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
  const [route] = site.urls.routes;
  const http: HttpRequest = {
    method: 'GET',
    target: '/who/',
    headers: {},
    rawHeaders: [],
    remoteAddress: '127.0.0.1',
    scheme: 'http',
    id: '1',
    stream: Readable.from([]),
    raw: null,
  };
  ({ request } = mount(route as NonNullable<typeof route>, site).prepare(http, {}));
});
afterAll(async () => {
  await site.close();
  await database.remove();
});

describe("a project's own user model", () => {
  test('has join tables named after its own table, and no auth_user beside it', async () => {
    const rows: { table_name: string }[] = await db(request).query(
      `SELECT table_name FROM information_schema.tables
         WHERE table_schema = 'public' AND (table_name LIKE 'members%' OR table_name LIKE 'auth_user%') ORDER BY 1`,
    );
    expect(rows.map(({ table_name }) => table_name)).toEqual([
      'members_member',
      'members_member_groups',
      'members_member_user_permissions',
    ]);
  });

  test('needs no further migration', async () => {
    const project = makeProject([Members0001], 'pglite://memory');
    expect(await detectChanges(project)).toEqual([]);
  });

  test('is what tokens and sessions belong to', async () => {
    const rows: { from: string; to: string }[] = await db(request).query(
      `SELECT conrelid::regclass::text AS from, confrelid::regclass::text AS to FROM pg_constraint
         WHERE contype = 'f' AND conrelid::regclass::text IN ('authtoken_token', 'auth_session', 'authtoken_access_token') ORDER BY 1`,
    );
    expect(rows.map(({ to }) => to)).toEqual(['members_member', 'members_member', 'members_member']);
  });

  test('is logged in to by its own field', async () => {
    expect(userModel(request)).toBe(Member);
    await createUser(request, { username: 'm1', email: 'm1@example.com', password: 'pw', nickname: 'Em' });
    const found = await authenticate(request, { username: 'm1@example.com', password: 'pw' });
    expect(found).toMatchObject({ username: 'm1', nickname: 'Em' });
    expect(String(found)).toBe('m1@example.com');
    expect(await authenticate(request, { email: 'm1@example.com', password: 'pw' })).toMatchObject({ id: found?.id });
    expect(await authenticate(request, { username: 'm1', password: 'pw' })).toBeNull();
  });

  test('is named to commands by its own field', async () => {
    await createUser(request, { username: 'm5', email: 'm5@example.com' });
    expect(await userNamed(request, 'm5@example.com')).toMatchObject({ username: 'm5' });
    await expect(userNamed(request, 'm5')).rejects.toThrow("user 'm5' does not exist");
  });

  test('gets its own permissions and those of its groups by its own join tables', async () => {
    const manager = db(request);
    const member = await createUser(request, { username: 'm2', email: 'm2@example.com' });
    const promote = await manager.findOneByOrFail(Permission, { codename: 'promote_member' });
    const viewGroup = await manager.findOneByOrFail(Permission, { codename: 'view_group' });
    const group = await manager.save(manager.create(Group, { name: 'readers', permissions: [viewGroup] }));
    await manager.save(Object.assign(member, { userPermissions: [promote], groups: [group] }));
    expect([...(await getAllPermissions(request, member))].sort()).toEqual([
      'auth.view_group',
      'members.promote_member',
    ]);
  });

  test('is found inside the transaction that makes it', async () => {
    const found = await atomic(request, async (manager) => {
      await createUser(request, { username: 'm4', email: 'm4@example.com' });
      const seen = await users(request).findOneBy({ username: 'm4' });
      await manager.delete(Member, { username: 'm4' });
      return seen;
    });
    expect(found).toBeInstanceOf(Member);
    expect(await users(request).findOneBy({ username: 'm4' })).toBeNull();
  });

  test('has its token by one declared relation', async () => {
    const member = await createUser(request, { username: 'm3', email: 'm3@example.com' });
    const { key } = await createToken(db(request), member);
    const token = await db(request).findOneOrFail(Token, { where: { key }, relations: { user: true } });
    expect(token.user).toBeInstanceOf(Member);
  });
});

test('after migrate there are the permissions that models declare, under the labels that Django uses', async () => {
  const rows = await db(request).find(Permission, { relations: { contentType: true } });
  const names = rows.map(({ contentType, codename }) => `${contentType.appLabel}.${codename}`).sort();
  expect(names.filter((name) => name.startsWith('members.'))).toEqual([
    'members.change_member',
    'members.promote_member',
    'members.view_member',
  ]);
  expect(names).toContain('contenttypes.view_contenttype');
  expect(names).not.toContain('auth.add_user');
  await migrateDatabase(site.dataSource, site.project, await MigrationGraph.load(site.project));
  expect(await db(request).count(Permission)).toBe(rows.length);
  expect(await db(request).countBy(ContentType, { appLabel: 'members' })).toBe(1);
});

test('of many first requests of one remote user each gets the same new user', async () => {
  const found = await Promise.all(
    Array.from({ length: 5 }, () => authenticate(request, { remoteUser: 'remote@example.com' })),
  );
  expect(new Set(found.map((user) => user?.id)).size).toBe(1);
  expect(found[0]).toMatchObject({ username: 'remote@example.com', email: 'remote@example.com' });
  expect(isPasswordUsable(found[0]?.password ?? '')).toBe(false);
});

describe('the commands', () => {
  interface Run {
    readonly options?: Readonly<Record<string, unknown>>;
    readonly username?: string;
    /** What the person at the terminal answers, in order. */
    readonly answers?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  }

  /** Runs a command on the open project; errors are shown as `rf` shows them. */
  async function run(
    name: string,
    { options = {}, username = '', answers = [], env = {} }: Run = {},
  ): Promise<string[]> {
    const command = site.project.apps.flatMap((app) => app.commands).find((each) => each.name === name);
    const left = [...answers];
    const shown: string[] = [];
    const context = {
      project: site.project,
      site: async () => site,
      args: { username },
      options,
      stdout: (text: string) => void shown.push(text),
      stderr: (text: string) => void shown.push(`! ${text}`),
      prompt: async (question: string) => {
        shown.push(question);
        return left.shift() ?? '';
      },
      isInteractive: true,
      env,
    };
    try {
      await command?.run(context as never);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      shown.push(`! Error: ${error.message}`);
    }
    return shown;
  }

  const find = (email: string) => findUser(request, email);

  test('createsuperuser asks for what the model needs until it is right', async () => {
    await createSuperuser(request, { username: 'first', email: 'first@example.com' });
    const good = 'a good long one';
    const answers = [
      '',
      'first@example.com',
      'root@example.com',
      'Root',
      'one',
      'other',
      '123',
      '123',
      'n',
      good,
      good,
    ];
    expect(await run('createsuperuser', { answers })).toEqual([
      'Email address: ',
      '! Error: A user name is needed: give --username NAME or set RF_SUPERUSER_USERNAME.',
      'Email address: ',
      '! Error: That username is already taken.',
      'Email address: ',
      'nickname: ',
      'Password: ',
      'Password (again): ',
      "! Error: Your passwords didn't match.",
      'Password: ',
      'Password (again): ',
      '! This password is too short. It must contain at least 8 characters.',
      '! This password is entirely numeric.',
      'Bypass password validation and create user anyway? [y/N]: ',
      'Password: ',
      'Password (again): ',
      'Superuser created successfully.',
    ]);
    const root = await find('root@example.com');
    expect(root).toMatchObject({ isSuperuser: true, isStaff: true, nickname: 'Root', username: 'root@example.com' });
    expect(await root?.checkPassword(good)).toBe(true);
  });

  test('createsuperuser --noinput takes everything from the environment', async () => {
    const env = {
      RF_SUPERUSER_USERNAME: 'env@example.com',
      RF_SUPERUSER_NICKNAME: 'Env',
      RF_SUPERUSER_PASSWORD: 'weak',
    };
    await run('createsuperuser', { options: { noinput: true }, env });
    const user = await find('env@example.com');
    expect(user).toMatchObject({ isSuperuser: true, nickname: 'Env' });
    expect(await user?.checkPassword('weak')).toBe(true);
  });

  test('createsuperuser --noinput without a name fails, and so does a name that is taken', async () => {
    expect(await run('createsuperuser', { options: { noinput: true } })).toEqual([
      '! Error: A user name is needed: give --username NAME or set RF_SUPERUSER_USERNAME.',
    ]);
    expect(await run('createsuperuser', { options: { noinput: true, username: 'env@example.com' } })).toEqual([
      '! Error: That username is already taken.',
    ]);
  });

  test('changepassword sets a good password and gives up after three bad ones', async () => {
    const username = 'env@example.com';
    const answers = ['another long one', 'another long one'];
    expect((await run('changepassword', { username, answers })).at(-1)).toBe(
      "Password changed successfully for user 'env@example.com'",
    );
    expect(await (await find(username))?.checkPassword('another long one')).toBe(true);

    const bad = await run('changepassword', { username, answers: ['1', '1', '2', '2', '3', '3', '4', '4'] });
    expect(bad.at(-1)).toBe('! Error: Aborting after 3 attempts.');
    expect(await (await find(username))?.checkPassword('another long one')).toBe(true);
    expect(await run('changepassword', { username: 'zz' })).toEqual(["! Error: user 'zz' does not exist"]);
  });

  test('create-token makes, shows and replaces the token of a user', async () => {
    const createToken = async (reset: boolean) => {
      const [text = ''] = await run('create-token', { username: 'env@example.com', options: { reset } });
      return /^Generated token ([0-9a-f]{40}) for user env@example\.com$/.exec(text)?.[1];
    };
    const first = await createToken(false);
    expect(first).toBeDefined();
    expect(await createToken(false)).toBe(first);
    expect(await createToken(true)).not.toBe(first);
    expect(await run('create-token', { username: 'zz' })).toEqual([
      '! Error: Cannot create the Token: user zz does not exist',
    ]);
  });

  test('create-tokens --all makes the tokens of all who have none, once', async () => {
    await run('create-tokens', { options: { all: true } });
    expect(await db(request).count(Token)).toBe(await users(request).count());
    expect(await run('create-tokens', { options: { all: true } })).toEqual(['Made 0 tokens.']);
    expect((await run('create-tokens'))[0]).toContain('rf create-tokens --all');
  });

  test('clearsessions deletes what has expired', async () => {
    expect(await run('clearsessions')).toEqual(['Deleted 0 expired sessions and 0 expired nonces.']);
  });
});
