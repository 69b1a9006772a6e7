import { createDataSource, modelFor, substitutable } from '@rf/orm';
import { createTestDatabase, type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

@Entity('person')
class Person {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;
}

@Entity('member')
class Member {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;
}

@Entity('badge')
class Badge {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  text!: string;

  @ManyToOne(substitutable(() => Person))
  holder!: object;
}

@Entity('visit')
class Visit {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'timestamp' })
  local!: Date;

  @Column({ type: 'varchar', length: 20, default: '' })
  note!: string;
}

describe('moments', () => {
  let database: OpenTestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase({ entities: [Visit] });
  });
  afterAll(() => database.close());

  test('keep their microseconds in entities that TypeORM reads, and when these are saved', async () => {
    const { manager } = database.dataSource;
    await manager.query(
      `INSERT INTO visit (at, local) VALUES ('2026-01-31 08:15:00.123456+02', '2026-01-31 08:15:00.000001')`,
    );
    const visit = await manager.findOneByOrFail(Visit, { id: 1 });

    expect(visit.at).toEqual(new Date('2026-01-31T06:15:00.123Z'));
    expect(visit.at).toMatchObject({ microseconds: 456 });
    expect(visit.local.getTime()).toBe(new Date('2026-01-31T08:15:00').getTime());
    expect(visit.local).toMatchObject({ microseconds: 1 });
    expect(JSON.stringify(visit.at)).toBe('"2026-01-31T06:15:00.123456Z"');
    await manager.save(Object.assign(visit, { note: 'seen' }));
    expect(await manager.query('SELECT at::text LIKE $1 AS kept, note FROM visit', ['%.123456%'])).toEqual([
      { kept: true, note: 'seen' },
    ]);
  });

  test('beyond all dates are read as pg reads them', async () => {
    const [row] = await database.dataSource.query(
      `SELECT 'infinity'::timestamptz AS late, '-infinity'::timestamp AS early, '0044-03-15 12:00:00+00 BC'::timestamptz AS ides`,
    );

    expect(row).toEqual({ late: Infinity, early: -Infinity, ides: new Date('-000043-03-15T12:00:00Z') });
  });
});

describe('values', () => {
  let database: OpenTestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase({ entities: [] });
  });
  afterAll(() => database.close());

  test('are read as pg reads them, on both databases', async () => {
    const [row] = await database.dataSource.query(`
      SELECT 1::int2 AS small, 2::int4 AS whole, 9007199254740993::int8 AS big, 1.50::numeric AS exact, 0.5::float8 AS real,
             true AS yes, 'text'::varchar AS text, NULL::int4 AS nothing, '{"a":[1]}'::jsonb AS data,
             '2026-01-31 08:15:00.123456+00'::timestamptz AS moment, ARRAY[1,2] AS numbers, ARRAY['a','b,c'] AS texts,
             'ÿ'::bytea AS bytes, '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b'::uuid AS id, 'x' || chr(128512) AS smile`);

    expect(row).toEqual({
      small: 1,
      whole: 2,
      big: '9007199254740993',
      exact: '1.50',
      real: 0.5,
      yes: true,
      text: 'text',
      nothing: null,
      data: { a: [1] },
      moment: new Date('2026-01-31T08:15:00.123Z'),
      numbers: [1, 2],
      texts: ['a', 'b,c'],
      bytes: Buffer.from('ÿ'),
      id: '6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b',
      smile: 'x😀',
    });
  });

  test('are written as pg writes them', async () => {
    const moment = new Date('2026-01-31T08:15:00.123Z');
    const [row] = await database.dataSource.query(
      'SELECT $1::timestamptz AS moment, $2::jsonb AS data, $3::bytea AS bytes, $4::int8 AS big, $5::text[] AS texts, $6::text AS text',
      [moment, { a: 1 }, Buffer.from([0, 255]), '9007199254740993', ['a', null, '"'], "'; DROP TABLE x; --"],
    );

    expect(row).toEqual({
      moment,
      data: { a: 1 },
      bytes: Buffer.from([0, 255]),
      big: '9007199254740993',
      texts: ['a', null, '"'],
      text: "'; DROP TABLE x; --",
    });
  });

  test('errors carry code, constraint, table, column and detail', async () => {
    await database.dataSource.query('CREATE TABLE thing (id integer CONSTRAINT thing_key UNIQUE, name text NOT NULL)');
    await database.dataSource.query("INSERT INTO thing VALUES (1, 'a')");
    const failed = (text: string) => database.dataSource.query(text).catch((error) => error.driverError);

    expect(await failed("INSERT INTO thing VALUES (1, 'b')")).toMatchObject({
      code: '23505',
      constraint: 'thing_key',
      table: 'thing',
      detail: 'Key (id)=(1) already exists.',
    });
    expect(await failed('INSERT INTO thing VALUES (2, NULL)')).toMatchObject({
      code: '23502',
      column: 'name',
      table: 'thing',
    });
    expect(await failed('SELEC 1')).toMatchObject({ code: '42601', position: '1' });
  });

  test('several statements in one text run in order', async () => {
    await database.dataSource.query('CREATE TABLE counted (n integer); INSERT INTO counted VALUES (1), (2)');

    expect(await database.dataSource.query('SELECT sum(n)::int AS sum FROM counted')).toEqual([{ sum: 3 }]);
  });
});

describe('createDataSource', () => {
  test('keeps what was written, when it is opened again', async () => {
    const database = await createTestDatabase();
    const first = await createDataSource({ url: database.url, entities: [] });
    await first.query('CREATE TABLE kept (n integer); INSERT INTO kept VALUES (7)');
    await first.destroy();
    const second = await createDataSource({ url: database.url, entities: [] });

    expect(await second.query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await second.destroy();
    await database.remove();
  });

  test('gives relations their substitutes, also when two data sources open at the same time', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const substitutes = new Map([[Person, Member]]);
    const [stock, own] = await Promise.all([
      createDataSource({ url: one.url, entities: [Person, Badge] }),
      createDataSource({ url: two.url, entities: [Member, Badge], substitutes }),
    ]);
    const holder = (source: typeof stock) => {
      const relation = source.getMetadata(Badge).findRelationWithPropertyPath('holder');
      return [relation?.inverseEntityMetadata.tableName, relation?.joinColumns[0]?.type];
    };

    expect(holder(stock)).toEqual(['person', 'integer']);
    expect(holder(own)).toEqual(['member', 'bigint']);
    expect([modelFor(stock, Person), modelFor(own, Person), modelFor(own, Badge)]).toEqual([Person, Member, Badge]);
    await Promise.all([stock.destroy(), own.destroy()]);
    await Promise.all([one.remove(), two.remove()]);
  });

  test('tells a listener every statement and the log no value', async () => {
    const statements: string[] = [];
    const lines: object[] = [];
    const logger = { debug: (data: object) => lines.push(data), info() {}, warn() {}, error() {} };
    const database = await openTestDatabase({
      entities: [],
      logging: true,
      logger,
      onQuery: (text) => statements.push(text),
    });
    await database.dataSource.query('SELECT $1::text AS secret', ['hunter2']);
    // Whose message quotes the value.
    await expect(database.dataSource.query('SELECT $1::int AS number', ['hunter2'])).rejects.toThrow('hunter2');

    expect(JSON.stringify(lines)).toContain('invalid input syntax for type integer');
    expect(statements).toContain('SELECT $1::text AS secret');
    expect(JSON.stringify(lines)).toContain('SELECT $1::text AS secret');
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    await database.close();
  });
});
