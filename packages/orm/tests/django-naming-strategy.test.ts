import { DjangoNamingStrategy, snakeCase } from '@rf/orm';
import { openTestDatabase } from '@rf/testing/database';
import { describe, expect, test } from 'vitest';
import { Author, Book } from './fixtures/entities.ts';

const names = new DjangoNamingStrategy();

describe('names that Django gave', () => {
  // Table, columns and name as found in a database of Django 5.2.
  test.each([
    ['auth_permission', ['content_type_id', 'codename'], 'auth_permission_content_type_id_codename_01ab375a_uniq'],
    ['auth_user_groups', ['user_id', 'group_id'], 'auth_user_groups_user_id_group_id_94350c0c_uniq'],
    [
      'auth_group_permissions',
      ['group_id', 'permission_id'],
      'auth_group_permissions_group_id_permission_id_0cd325b0_uniq',
    ],
    ['auth_user', ['username'], 'auth_user_username_key'],
  ])('unique on %s %j', (table, columns, name) => {
    expect(names.uniqueConstraintName(table, columns)).toBe(name);
  });

  test.each([
    ['auth_permission', 'content_type_id', 'auth_permission_content_type_id_2f476e4b'],
    ['django_session', 'expire_date', 'django_session_expire_date_a5c62663'],
  ])('index on %s (%s)', (table, column, name) => {
    expect(names.indexName(table, [column])).toBe(name);
  });

  test.each([
    ['authtoken_token', 'user_id', 'auth_user', 'authtoken_token_user_id_35299eff_fk_auth_user_id'],
    [
      'auth_user_user_permissions',
      'permission_id',
      'auth_permission',
      'auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm',
    ],
    [
      'auth_permission',
      'content_type_id',
      'django_content_type',
      'auth_permission_content_type_id_2f476e4b_fk_django_co',
    ],
  ])('foreign key of %s (%s) to %s', (table, column, target, name) => {
    expect(names.foreignKeyName(table, [column], target, ['id'])).toBe(name);
  });

  test('primary keys', () => {
    expect(names.primaryKeyName('django_content_type')).toBe('django_content_type_pkey');
  });
});

describe('names', () => {
  test.each([
    ['isStaff', 'is_staff'],
    ['id', 'id'],
    ['HTMLPage', 'html_page'],
    ['userID', 'user_id'],
    ['line2', 'line2'],
    ['already_snake', 'already_snake'],
  ])('%s becomes %s', (name, expected) => {
    expect(snakeCase(name)).toBe(expected);
  });

  test('are never longer than PostgreSQL keeps', () => {
    const table = 'a_table_with_quite_a_long_name_because_somebody_was_thorough';
    const columns = ['first_column_of_some_length', 'second_column_of_some_length'];
    const made = [
      names.uniqueConstraintName(table, columns),
      names.uniqueConstraintName(table, ['first_column_of_some_length']),
      names.indexName(table, columns, 'deleted IS NULL'),
      names.foreignKeyName(table, columns, table, columns),
      names.checkConstraintName(table, 'price > 0'),
      names.primaryKeyName(table),
    ];

    expect(made.map((name) => name.length).filter((length) => length > 63)).toEqual([]);
    expect(new Set(made).size).toBe(made.length);
  });

  test('tell partial indexes over the same columns apart', () => {
    expect(names.indexName('a', ['b'], 'c > 0')).not.toBe(names.indexName('a', ['b'], 'c < 0'));
  });

  test('of join tables come from the table and the property, their columns from the entities', async () => {
    const database = await openTestDatabase({ entities: [Author, Book] });
    const relation = database.dataSource.getMetadata(Book).findRelationWithPropertyPath('coAuthors');
    const columns = database.dataSource.getMetadata(Book).columns.map((column) => column.databaseName);

    expect(relation?.joinTableName).toBe('library_book_co_authors');
    expect(relation?.junctionEntityMetadata?.columns.map((column) => column.databaseName)).toEqual([
      'book_id',
      'author_id',
    ]);
    expect(columns).toEqual(['id', 'title', 'price', 'author_id']);
    await database.close();
  });
});
