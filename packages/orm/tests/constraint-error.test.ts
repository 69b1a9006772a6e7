import { translateConstraintError } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book } from './fixtures/entities.ts';

let database: OpenTestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ entities: [Author, Book] });
});
afterAll(() => database.close());
beforeEach(() =>
  database.dataSource.query(`
    TRUNCATE library_author, library_book, library_book_co_authors;
    INSERT INTO library_author VALUES (1, 'Ada');
    INSERT INTO library_book (id, title, author_id) VALUES (1, 'Emma', 1)`),
);

const violation = async (sql: string, entity: typeof Author | typeof Book = Book) => {
  const error = await database.dataSource.query(sql).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return translateConstraintError(error, database.dataSource.getMetadata(entity));
};

describe('translateConstraintError', () => {
  test('a value that must be unique', async () => {
    expect(await violation("INSERT INTO library_author VALUES (2, 'Ada')", Author)).toEqual({
      kind: 'unique',
      fields: ['fullName'],
      constraint: 'library_author_full_name_key',
      table: 'library_author',
    });
  });

  test('values that must be unique together, a relation among them', async () => {
    const found = await violation("INSERT INTO library_book (id, title, author_id) VALUES (2, 'Emma', 1)");

    expect(found).toMatchObject({ kind: 'unique', fields: ['title', 'author'] });
  });

  test('a primary key', async () => {
    expect(await violation("INSERT INTO library_author VALUES (1, 'Bob')", Author)).toMatchObject({
      kind: 'unique',
      fields: ['id'],
    });
  });

  test('a constraint whose name the entity does not know is read from what the database says', async () => {
    await database.dataSource.query('CREATE UNIQUE INDEX odd ON library_book (lower(title), price)');
    const found = await violation("INSERT INTO library_book (id, title) VALUES (2, 'EMMA')");
    await database.dataSource.query('DROP INDEX odd');

    expect(found).toMatchObject({ kind: 'unique', fields: ['title', 'price'], constraint: 'odd' });
  });

  test('a reference to a row that does not exist, found at the commit', async () => {
    expect(
      await violation("INSERT INTO library_book (id, title, author_id) VALUES (2, 'Persuasion', 99)"),
    ).toMatchObject({
      kind: 'foreignKey',
      fields: ['author'],
    });
  });

  test('a row that others refer to', async () => {
    expect(await violation('DELETE FROM library_author', Author)).toMatchObject({
      kind: 'restricted',
      fields: [],
      table: 'library_book',
    });
  });

  test('a condition', async () => {
    expect(await violation("INSERT INTO library_book (id, title, price) VALUES (2, 'Free', -1)")).toEqual({
      kind: 'check',
      fields: ['price'],
      constraint: 'library_book_price_positive',
      table: 'library_book',
    });
  });

  test('a missing value', async () => {
    expect(await violation('INSERT INTO library_author (id) VALUES (2)', Author)).toMatchObject({
      kind: 'notNull',
      fields: ['fullName'],
    });
  });

  test('any other error is none of its business', async () => {
    expect(await violation('SELECT 1/0')).toBeNull();
    expect(translateConstraintError(new Error('x'), database.dataSource.getMetadata(Book))).toBeNull();
    expect(translateConstraintError(undefined, database.dataSource.getMetadata(Book))).toBeNull();
  });
});
