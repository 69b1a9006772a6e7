// Adopts a database that Django made (RF_SHARED/django/database.sql), on the embedded database and, with DATABASE_URL, on PostgreSQL:
// nothing of its tables changes, its users log in with their passwords and tokens, and a fresh database of ours has the same tables.
//   npm run conformance:django
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { auth, authenticate, createUser, Group, hasPerm, User, users } from '@rf/auth';
import { authtoken, getOrCreateToken, Token, TokenAuthentication } from '@rf/authtoken';
import { createDataSource, db } from '@rf/orm';
import { defineProject, migrate, openProject, type Project, type ProjectSite } from '@rf/project';
import { createTestDatabase } from '@rf/testing/database';
import {
  APIView,
  authenticationClasses,
  type HttpRequest,
  IsAuthenticated,
  mount,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';

const shared = process.env.RF_SHARED ?? resolve(import.meta.dirname, '../../../shared');
const dump = readFileSync(join(shared, 'django', 'database.sql'), 'utf8');

/** The tables that both have. */
const TABLES = [
  'auth_group',
  'auth_group_permissions',
  'auth_permission',
  'auth_user',
  'auth_user_groups',
  'auth_user_user_permissions',
  'authtoken_token',
  'django_content_type',
];

const PASSWORDS: readonly (readonly [username: string, password: string])[] = [
  ['paula', 'paula-pass-1'],
  ['sean', 'sean-pass-2'],
  ['scott', 'scött-pass-3'],
  ['arno', 'arno-pass-4'],
  ['bert', 'bert-pass-5'],
  ['root', 'root-pass-0'],
];

let passed = 0;
let failed = 0;

function check(title: string, ok: boolean, found?: unknown): void {
  if (ok) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`FAIL ${title}${found === undefined ? '' : `: ${JSON.stringify(found).slice(0, 600)}`}\n`);
  }
}

/** What the catalogue says of the shared tables: columns with types, constraints, indexes, identities. */
async function describe(source: DataSource): Promise<string[]> {
  const rows: { line: string }[] = await source.query(
    `SELECT format('%s.%s %s%s %s', c.table_name, c.column_name, c.data_type,
              coalesce('(' || c.character_maximum_length || ')', ''),
              c.is_nullable || ' ' || c.is_identity || ' ' || coalesce(c.identity_generation, '') || coalesce(' default ' || c.column_default, '')) AS line
       FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name = ANY($1)
     UNION ALL
     SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text = ANY($1) AND contype <> 'n'
     UNION ALL
     SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY($1)
     ORDER BY 1`,
    [TABLES],
  );
  return rows.map(({ line }) => line);
}

@authenticationClasses(TokenAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override async get(request: Request): Promise<unknown> {
    return {
      user: request.user.getUsername(),
      canAddToken: await hasPerm(request, 'authtoken.add_token'),
      canViewGroup: await hasPerm(request, 'auth.view_group'),
    };
  }
}

function projectOn(database: string): Project {
  return defineProject({
    apps: [auth({ loginThrottle: null }), authtoken()],
    database,
    secretKey: 'the key of a test, long enough to be one',
    urls: [path('/me/', Me)],
  });
}

async function get(site: ProjectSite, token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const [route] = site.urls.routes;
  const response = await mount(route as NonNullable<typeof route>, site).handle(
    incoming({ authorization: `Token ${token}` }),
    {},
  );
  return { status: response.status, body: JSON.parse(String(response.content)) };
}

function incoming(headers: Record<string, string>): HttpRequest {
  const stream = Readable.from([]);
  return {
    method: 'GET',
    target: '/me/',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress: '127.0.0.1',
    scheme: 'http',
    id: '1',
    stream,
    raw: null,
  };
}

async function adopt(url: string): Promise<void> {
  const source = await createDataSource({ url, entities: [] });
  await source.query(dump);
  await source.query('SET search_path TO public');
  const before = await describe(source);
  const rows = await rowCounts(source);
  await source.destroy();

  const project = projectOn(url);
  const taken = await migrate(project, { fakeInitial: true });
  const faked = taken.filter((step) => step.faked).map((step) => step.node.id);
  check('the initial migrations are recorded only', faked.join() === 'auth.0001_initial,authtoken.0001_initial', faked);

  const site = await openProject(project);
  try {
    check('no shared table changed', same(before, await describe(site.dataSource)));
    check('no row of users, groups or tokens changed', same(rows, await rowCounts(site.dataSource)));
    await checkUsers(site);
    await checkTokens(site);
    await checkWriting(site);
  } finally {
    await site.close();
  }
}

async function rowCounts(source: DataSource): Promise<unknown> {
  return source.query(
    "SELECT (SELECT string_agg(u::text, '|' ORDER BY id) FROM auth_user u) AS users, " +
      "(SELECT string_agg(t::text, '|' ORDER BY key) FROM authtoken_token t) AS tokens, " +
      "(SELECT string_agg(g::text, '|' ORDER BY id) FROM auth_group g) AS groups",
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

async function checkUsers(site: ProjectSite): Promise<void> {
  const [route] = site.urls.routes;
  const { request } = mount(route as NonNullable<typeof route>, site).prepare(incoming({}), {});
  for (const [username, password] of PASSWORDS) {
    const user = await authenticate(request, { username, password });
    check(`${username} logs in with the password`, user?.username === username);
    const again = await authenticate(request, { username, password });
    check(`${username} logs in again after the hash was renewed`, again?.username === username);
    check(`${username}'s hash is of the preferred kind now`, again?.password.startsWith('scrypt$16384$') ?? false);
    check(
      `${username} does not log in with another`,
      (await authenticate(request, { username, password: `${password}x` })) === null,
    );
  }
  check(
    'ina, who is inactive, does not log in',
    (await authenticate(request, { username: 'ina', password: 'ina-pass-6' })) === null,
  );
  for (const password of ['', '!', 'una']) {
    check(
      `una, who has no password, does not log in with ${JSON.stringify(password)}`,
      (await authenticate(request, { username: 'una', password })) === null,
    );
  }
}

async function checkTokens(site: ProjectSite): Promise<void> {
  const tokens = await db(site).find(Token, { relations: { user: true } });
  check('there are the six tokens', tokens.length === 6, tokens.length);
  for (const { key, user } of tokens) {
    const { status, body } = await get(site, key);
    const expected = user.isActive ? 200 : 401;
    check(
      `${user.username}'s token answers ${expected}`,
      status === expected && (expected === 401 || body.user === user.username),
      body,
    );
    if (user.username === 'paula') check('paula has what her group may do', body.canAddToken === true, body);
    if (user.username === 'sean')
      check('sean has his own permission', body.canViewGroup === true && body.canAddToken === false, body);
  }
}

async function checkWriting(site: ProjectSite): Promise<void> {
  const manager = db(site);
  const nora = await createUser(site, { username: 'nora', password: 'nora-pass-9', email: 'nora@EXAMPLE.com' });
  const token = await getOrCreateToken(manager, nora);
  const editors = await manager.findOneByOrFail(Group, { name: 'editors' });
  await manager.createQueryBuilder().relation(User, 'groups').of(nora).add(editors);
  const { status, body } = await get(site, token.key);
  check('a new user has a token that works', status === 200 && body.user === 'nora', body);
  check('and what the group may do', body.canAddToken === true, body);
  const [row] = await site.dataSource.query(
    `SELECT u.*, (SELECT count(*)::int FROM auth_user_groups g WHERE g.user_id = u.id AND g.id IS NOT NULL) AS groups
       FROM auth_user u WHERE username = 'nora'`,
  );
  check(
    'the row has all that Django wants',
    row.first_name === '' && row.is_superuser === false && row.groups === 1,
    row,
  );
  check(
    "the password is in Django's format",
    /^scrypt\$16384\$[A-Za-z0-9]{22}\$8\$5\$[A-Za-z0-9+/]{86}==$/.test(row.password),
    row.password,
  );
  check('the key is 40 hexadecimal digits', /^[0-9a-f]{40}$/.test(token.key));
  await users(site)
    .delete(nora.id)
    .then(
      () => check('a user with a token is not deleted without it', false),
      () => check('a user with a token is not deleted without it', true),
    );
}

async function compareFresh(url: string, fresh: string): Promise<void> {
  const theirs = await createDataSource({ url, entities: [] });
  await theirs.query(dump);
  await theirs.query('SET search_path TO public');
  const expected = await describe(theirs);
  await theirs.destroy();
  await migrate(projectOn(fresh));
  const ours = await createDataSource({ url: fresh, entities: [] });
  const got = await describe(ours);
  await ours.destroy();
  const missing = expected.filter((line) => !got.includes(line));
  const extra = got.filter((line) => !expected.includes(line));
  check('a fresh database has the same tables, columns, constraints and indexes', missing.length + extra.length === 0, {
    missing,
    extra,
  });
}

async function onDatabases(run: (...urls: string[]) => Promise<void>, count: number): Promise<void> {
  const databases = [];
  for (let made = 0; made < count; made += 1) databases.push(await createTestDatabase());
  try {
    await run(...databases.map(({ url }) => url));
  } finally {
    for (const database of databases) await database.remove();
  }
}

const server = process.env.DATABASE_URL;
for (const kind of server === undefined ? ['pglite'] : ['pglite', 'postgresql']) {
  // createTestDatabase looks at the environment.
  if (kind === 'pglite') delete process.env.DATABASE_URL;
  else process.env.DATABASE_URL = server;
  await onDatabases((url) => adopt(url as string), 1);
  await onDatabases((url, fresh) => compareFresh(url as string, fresh as string), 2);
  process.stdout.write(`${kind}: done\n`);
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
