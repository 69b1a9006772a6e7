import { readFileSync } from 'node:fs';
import { makePassword, Permission } from '@rf/auth';
import type { EntityManager } from 'typeorm';

interface Seed {
  readonly groups: { id: number; name: string; permissions: string[] }[];
  readonly users: {
    id: number;
    username: string;
    password: string;
    email: string;
    isStaff: boolean;
    isSuperuser: boolean;
    isActive: boolean;
    groups: string[];
    permissions: string[];
  }[];
  readonly tokens: { user: string; key: string }[];
  readonly publishers: { id: number; name: string; city: string; website: string }[];
  readonly authors: { id: number; name: string; born: string | null }[];
  readonly tags: { id: number; slug: string; label: string }[];
  readonly books: {
    id: number;
    title: string;
    isbn: string;
    price: string;
    published: string | null;
    inPrint: boolean;
    pages: number | null;
    rating: number | null;
    language: string;
    metadata: unknown;
    created: string;
    publisher: number | null;
    authors: number[];
    tags: number[];
    owner: number;
  }[];
  readonly reviews: { id: number; book: number; reviewer: number; stars: number; text: string; created: string }[];
}

const seed: Seed = JSON.parse(readFileSync(new URL('../seed.json', import.meta.url), 'utf8'));

/** Tables in an order in which they can be filled. */
const TABLES = [
  'shop_publisher',
  'shop_author',
  'shop_tag',
  'shop_book',
  'shop_book_authors',
  'shop_book_tags',
  'shop_review',
  'authtoken_token',
  'auth_session',
  'auth_user_groups',
  'auth_user_user_permissions',
  'auth_group_permissions',
  'auth_user',
  'auth_group',
];

type Row = Record<string, unknown>;

async function insert(manager: EntityManager, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const values: unknown[] = [];
  const tuples = rows.map((row) => `(${columns.map((column) => `$${values.push(row[column])}`).join(', ')})`);
  await manager.query(
    `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES ${tuples.join(', ')}`,
    values,
  );
}

let passwords: Map<string, string> | undefined;

/** Hashing is slow on purpose, so each password is hashed once per process. */
async function hashPasswords(): Promise<Map<string, string>> {
  passwords ??= new Map(
    await Promise.all(
      seed.users.map(async ({ username, password }) => [username, await makePassword(password)] as const),
    ),
  );
  return passwords;
}

/** Puts the database into the state of seed.json. */
export async function reset(manager: EntityManager): Promise<void> {
  const hashes = await hashPasswords();
  await manager.transaction(async (tx) => {
    await tx.query(`TRUNCATE ${TABLES.join(', ')} RESTART IDENTITY CASCADE`);
    const permissions = await tx.getRepository(Permission).find();
    const permissionId = (codename: string): number => {
      const found = permissions.find((permission) => permission.codename === codename);
      if (found === undefined) throw new Error(`no permission ${codename}`);
      return found.id;
    };
    const groupId = (name: string) => seed.groups.find((group) => group.name === name)?.id;
    const userId = (name: string) => seed.users.find((user) => user.username === name)?.id;

    await insert(
      tx,
      'auth_group',
      seed.groups.map(({ id, name }) => ({ id, name })),
    );
    await insert(
      tx,
      'auth_group_permissions',
      seed.groups.flatMap(({ id, permissions: names }) =>
        names.map((name) => ({ group_id: id, permission_id: permissionId(name) })),
      ),
    );
    await insert(
      tx,
      'auth_user',
      seed.users.map((user) => ({
        id: user.id,
        username: user.username,
        password: hashes.get(user.username),
        email: user.email,
        first_name: '',
        last_name: '',
        is_staff: user.isStaff,
        is_superuser: user.isSuperuser,
        is_active: user.isActive,
        date_joined: new Date('2024-01-01T00:00:00Z'),
      })),
    );
    await insert(
      tx,
      'auth_user_groups',
      seed.users.flatMap(({ id, groups }) => groups.map((name) => ({ user_id: id, group_id: groupId(name) }))),
    );
    await insert(
      tx,
      'auth_user_user_permissions',
      seed.users.flatMap(({ id, permissions: names }) =>
        names.map((name) => ({ user_id: id, permission_id: permissionId(name) })),
      ),
    );
    await insert(
      tx,
      'authtoken_token',
      seed.tokens.map(({ user, key }) => ({ key, user_id: userId(user), created: new Date('2024-01-01T00:00:00Z') })),
    );
    await insert(tx, 'shop_publisher', seed.publishers);
    await insert(tx, 'shop_author', seed.authors);
    await insert(tx, 'shop_tag', seed.tags);
    await insert(
      tx,
      'shop_book',
      seed.books.map(({ authors: _authors, tags: _tags, publisher, owner, inPrint, metadata, ...book }) => ({
        ...book,
        in_print: inPrint,
        metadata: JSON.stringify(metadata),
        publisher_id: publisher,
        owner_id: owner,
      })),
    );
    const links = (column: 'authors' | 'tags', name: string) =>
      seed.books.flatMap((book) => book[column].map((id) => ({ book_id: book.id, [name]: id })));
    await insert(tx, 'shop_book_authors', links('authors', 'author_id'));
    await insert(tx, 'shop_book_tags', links('tags', 'tag_id'));
    await insert(
      tx,
      'shop_review',
      seed.reviews.map(({ book, reviewer, ...review }) => ({ ...review, book_id: book, reviewer_id: reviewer })),
    );
    // The next generated id follows the highest seeded one.
    for (const table of [
      'auth_group',
      'auth_user',
      'shop_publisher',
      'shop_author',
      'shop_tag',
      'shop_book',
      'shop_review',
    ]) {
      await tx.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`);
    }
  });
}
