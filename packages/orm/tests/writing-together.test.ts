import { countQueries } from '@rf/orm';
import type { BaseSerializer } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { heard, makeOrders } from './fixtures/orders.ts';
import { shopRequest } from './fixtures/requests.ts';

const plain = makeOrders();
const { Line, LineSerializer, Order, OrderSerializer, Part, PartSerializer } = plain;
/** Listeners of all lists, so that everything is written one by one. */
const looped = makeOrders(['Line', 'Part', 'Label']);
const heardOrders = makeOrders(['Order']);

let database: OpenTestDatabase;
let others: OpenTestDatabase[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ entities: plain.entities });
  others = [
    await openTestDatabase({ entities: looped.entities }),
    await openTestDatabase({ entities: heardOrders.entities }),
  ];
});
beforeEach(async () => {
  for (const each of [database, ...others]) await empty(each);
  heard.length = 0;
});
afterAll(async () => {
  for (const each of [database, ...others]) await each.close();
});

const manager = () => database.dataSource.manager;
const contextOf = ({ dataSource }: OpenTestDatabase) => ({ request: shopRequest(dataSource) });
const context = () => contextOf(database);

async function empty({ dataSource }: OpenTestDatabase): Promise<void> {
  await dataSource.query(
    'TRUNCATE made_order, made_line, made_part, made_label, made_line_labels RESTART IDENTITY CASCADE',
  );
}

/** The statements that storing valid input takes. */
async function saving(serializer: BaseSerializer): Promise<readonly string[]> {
  await serializer.isValid({ raise: true });
  return (await countQueries(() => serializer.save())).statements;
}

async function outcome(serializer: BaseSerializer): Promise<unknown> {
  if (!(await serializer.isValid())) return { refused: plainly(serializer.errors) };
  try {
    await serializer.save();
  } catch (error) {
    const { detail } = error as { detail?: unknown };
    if (detail === undefined) throw error;
    return { refused: plainly(detail) };
  }
  return { stored: plainly(await serializer.data) };
}

const plainly = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_none, at) => make(at));
const line = (at: number, more: object = {}) => ({ ref: `r${at}`, code: `c${at}`, ...more });
const create = (data: object) => new OrderSerializer({ data, context: context() });
const update = (instance: object, data: object) =>
  new OrderSerializer({ instance, data, partial: true, context: context() });

async function made(lines: readonly object[]): Promise<InstanceType<typeof Order>> {
  const serializer = create({ name: 'made', lines });
  await serializer.isValid({ raise: true });
  await serializer.save();
  return manager().findOneByOrFail(Order, { name: 'made' });
}

describe('the number of statements', () => {
  test('is the same for one child and a hundred, when an object is made', async () => {
    const one = await saving(create({ name: 'one', lines: [line(0)] }));
    const many = await saving(create({ name: 'many', lines: times(100, (at) => line(at)) }));
    expect(many).toHaveLength(one.length);
    expect(many.map((text) => text.slice(0, 24))).toEqual([
      'START TRANSACTION',
      'INSERT INTO "made_order"',
      'INSERT INTO "made_line" ',
      'COMMIT',
    ]);
    expect(await manager().countBy(Line, { order: { name: 'many' } })).toBe(100);
  });

  test('is the same for lists below lists', async () => {
    const lines = (count: number, name: string) =>
      times(count, (at) =>
        line(at, {
          parts: times(count, (part) => ({ serial: `${name}-${at}-${part}` })),
          labels: times(count, (label) => ({ text: `${at}-${label}` })),
        }),
      );
    const one = await saving(create({ name: 'one', lines: lines(1, 'one') }));
    const many = await saving(create({ name: 'many', lines: lines(12, 'many') }));
    expect(many).toHaveLength(one.length);
    expect(await manager().count(Part)).toBe(1 + 144);
    const last = await manager().findOneOrFail(Line, {
      where: { order: { name: 'many' }, ref: 'r11' },
      relations: { parts: true, labels: true },
      order: { parts: { id: 'ASC' }, labels: { id: 'ASC' } },
    });
    expect(last.parts.map(({ serial }) => serial)).toEqual(times(12, (part) => `many-11-${part}`));
    expect(last.labels.map(({ text }) => text)).toEqual(times(12, (label) => `11-${label}`));
  });

  test('is the same for a change that makes, changes and removes one child of each kind or many', async () => {
    const counts: number[] = [];
    for (const count of [1, 40]) {
      await empty(database);
      const lists = (name: string) => ({
        parts: times(count, (at) => ({ serial: `${name}-${at}`, size: 1 })),
        labels: times(count, (at) => ({ text: `${name}-${at}` })),
      });
      const order = await made([
        ...times(count, (at) => line(at, lists(`kept${at}`))),
        ...times(count, (at) => line(at + 100)),
      ]);
      const lines = [
        ...times(count, (at) => line(at, { quantity: 7, note: null, ...lists(`new${at}`) })),
        ...times(count, (at) => line(at + 200, lists(`more${at}`))),
      ];
      counts.push((await saving(update(order, { lines }))).length);
      expect(await manager().countBy(Line, { quantity: 7 })).toBe(count);
      expect(await manager().count(Line)).toBe(2 * count);
      expect(await manager().count(Part)).toBe(2 * count * count);
    }
    expect(counts[1]).toBe(counts[0]);
  });

  test('is one for a list of objects with different keys', async () => {
    const list = (data: object[]) => new PartSerializer({ data, many: true, context: context() });
    const [order] = [await made([line(0)])];
    const owner = await manager().findOneByOrFail(Line, { order: { id: order.id } });
    const save = async (data: object[]) => {
      const serializer = list(data);
      await serializer.isValid({ raise: true });
      return (await countQueries(() => serializer.save({ line: owner }))).statements;
    };
    expect(await save([{ serial: 'alone' }])).toHaveLength(1);
    const statements = await save(times(100, (at) => ({ serial: `s${at}`, ...(at % 2 === 0 ? { size: at } : {}) })));
    expect(statements).toHaveLength(1);
    const stored = await manager().find(Part, { order: { id: 'ASC' }, skip: 1 });
    expect(stored.map(({ serial, size }) => [serial, size])).toEqual(
      times(100, (at) => [`s${at}`, at % 2 === 0 ? at : null]),
    );
  });

  test('of objects with nested lists in a list is that of one', async () => {
    const list = (count: number, name: string) =>
      new OrderSerializer({
        data: times(count, (at) => ({ name: `${name}${at}`, lines: [line(0), line(1)] })),
        many: true,
        context: context(),
      });
    const one = await saving(list(1, 'one'));
    expect(await saving(list(30, 'many'))).toHaveLength(one.length);
    expect(await manager().count(Line)).toBe(62);
  });

  test('grows by one for each part of a list that is too long for one statement', async () => {
    const serializer = create({ name: 'long', lines: times(7000, (at) => line(at)) });
    const statements = await saving(serializer);
    expect(statements.filter((text) => text.startsWith('INSERT INTO "made_line"'))).toHaveLength(2);
    const stored = await manager().find(Line, { order: { id: 'ASC' }, select: { code: true } });
    expect(stored.map(({ code }) => code)).toEqual(times(7000, (at) => `c${at}`));
  });
});

describe('values', () => {
  test('that are left out are the default’s, and null is null', async () => {
    await made([
      line(0, { price: null, note: null, quantity: 3 }),
      line(1, { note: 'x' }),
      line(2, { price: '9.00' }),
      line(3),
    ]);
    const stored = await manager().find(Line, { order: { id: 'ASC' } });
    expect(stored.map(({ quantity, price, note }) => [quantity, price, note])).toEqual([
      [3, null, null],
      [1, '2.50', 'x'],
      [1, '9.00', 'none'],
      [1, '2.50', 'none'],
    ]);
  });

  test('keep their microseconds and places when several rows are changed at once', async () => {
    const order = await made([line(0), line(1), line(2)]);
    const lines = times(3, (at) => ({
      ref: `r${at}`,
      code: `c${at}`,
      due: `2026-01-31T10:00:00.00012${at}Z`,
      price: `${at}.05`,
      note: at === 1 ? null : `n${at}`,
    }));
    const statements = await saving(update(order, { lines }));
    expect(statements.filter((text) => text.startsWith('UPDATE "made_line"'))).toHaveLength(1);
    const rows = await manager().query(
      `SELECT to_char(due AT TIME ZONE 'UTC', 'HH24:MI:SS.US') AS due, price::text, note, version FROM made_line ORDER BY id`,
    );
    expect(rows).toEqual(
      times(3, (at) => ({
        due: `10:00:00.00012${at}`,
        price: `${at}.05`,
        note: at === 1 ? null : `n${at}`,
        version: 2,
      })),
    );
  });

  test('that are too long are no more cut off for several rows than for one', async () => {
    const order = await made([line(0), line(1)]);
    await manager().query('ALTER TABLE made_line ALTER COLUMN note TYPE varchar(5)');
    try {
      const lines = [0, 1].map((at) => line(at, { note: 'too long' }));
      const serializer = update(order, { lines });
      await serializer.isValid({ raise: true });
      await expect(serializer.save()).rejects.toThrow('value too long for type character varying(5)');
    } finally {
      await manager().query('ALTER TABLE made_line ALTER COLUMN note TYPE text');
    }
  });
});

describe('what the database refuses', () => {
  test('is told of the child that it is, at any depth, and nothing is kept', async () => {
    const lines = [
      line(0, { parts: [{ serial: 'a' }, { serial: 'b' }] }),
      line(1, { parts: [{ serial: 'c' }, { serial: 'b' }] }),
    ];
    expect(await outcome(create({ name: 'x', lines }))).toEqual({
      refused: { lines: { '1': { parts: { '1': { serial: ['part with this serial already exists.'] } } } } },
    });
    expect(await outcome(create({ name: 'x', lines: [line(0), line(1), line(2, { quantity: 0 })] }))).toEqual({
      refused: { lines: { '2': { quantity: ['This value is not allowed.'] } } },
    });
    expect(await manager().count(Order)).toBe(0);
    expect(await manager().count(Part)).toBe(0);
  });

  test('is told of the item of a list and its child', async () => {
    const data = [
      { name: 'a', lines: [line(0), line(1)] },
      { name: 'b', lines: [line(0), line(1), line(1)] },
    ];
    const serializer = new OrderSerializer({ data, many: true, context: context() });
    expect(await outcome(serializer)).toEqual({
      refused: { '1': { lines: { '2': { non_field_errors: ['The fields order, code must make a unique set.'] } } } },
    });
    expect(await manager().count(Order)).toBe(0);
  });

  test('depends on the order of the items: a value may be taken that an earlier one gave up', async () => {
    const order = await made([line(0), line(1)]);
    const after = [line(0, { code: 'c9' }), line(1, { quantity: 4 }), { ref: 'new', code: 'c0' }];
    expect(await outcome(update(order, { lines: after }))).toMatchObject({
      stored: {
        version: 2,
        lines: [
          { ref: 'r0', code: 'c9', version: 2 },
          { ref: 'r1', code: 'c1', quantity: 4, version: 2 },
          { ref: 'new', code: 'c0', version: 1 },
        ],
      },
    });
    const before = [{ ref: 'newer', code: 'c9' }, line(0, { code: 'c8' }), line(1), { ref: 'new', code: 'c0' }];
    expect(await outcome(update(order, { lines: before }))).toEqual({
      refused: { lines: { '0': { non_field_errors: ['The fields order, code must make a unique set.'] } } },
    });
  });

  test('leaves rows that exchange their values to their order', async () => {
    const order = await made([line(0), line(1)]);
    const exchanged = [line(0, { code: 'c1' }), line(1, { code: 'c0' })];
    expect(await outcome(update(order, { lines: exchanged }))).toEqual({
      refused: { lines: { '0': { non_field_errors: ['The fields order, code must make a unique set.'] } } },
    });
  });

  test('is an error of the server where a trigger leaves rows out', async () => {
    await manager().query(
      `CREATE FUNCTION leave_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.code = 'c1' THEN RETURN NULL; END IF; RETURN NEW; END $$`,
    );
    await manager().query(
      'CREATE TRIGGER leave_out BEFORE INSERT ON made_line FOR EACH ROW EXECUTE FUNCTION leave_out()',
    );
    try {
      const serializer = create({ name: 'x', lines: [line(0), line(1), line(2)] });
      await serializer.isValid({ raise: true });
      await expect(serializer.save()).rejects.toThrow('Line: 3 rows were inserted and 2 stored.');
    } finally {
      await manager().query('DROP FUNCTION leave_out CASCADE');
    }
  });
});

describe('an object with listeners', () => {
  const listening = (data: object) =>
    new heardOrders.OrderSerializer({ data, context: contextOf(others[1] as OpenTestDatabase) });

  test('has its lists written together, and is itself written once', async () => {
    const few = await saving(listening({ name: 'few', lines: times(2, (at) => line(at)) }));
    const many = await saving(listening({ name: 'many', lines: times(100, (at) => line(at)) }));
    expect(many).toHaveLength(few.length);
    const refused = listening({ name: 'refused', lines: [line(0), line(1), line(1)] });
    expect(await outcome(refused)).toEqual({
      refused: { lines: { '2': { non_field_errors: ['The fields order, code must make a unique set.'] } } },
    });
    expect(heard).toEqual(['Order', 'Order', 'Order']);
  });

  test('hears of each child, where the children have them', async () => {
    const serializer = new looped.OrderSerializer({
      data: { name: 'x', lines: [line(0, { parts: [{ serial: 'a' }] }), line(1)] },
      context: contextOf(others[0] as OpenTestDatabase),
    });
    await saving(serializer);
    expect(heard).toEqual(['Line', 'Part', 'Line']);
  });
});

describe('a list of objects that are changed', () => {
  test('takes one statement for those with the same columns', async () => {
    await made(times(20, (at) => line(at)));
    class QuantitySerializer extends LineSerializer.omit('parts', 'labels') {}
    const lines = await manager().find(Line, { order: { id: 'ASC' } });
    const data = lines.map(({ id }, at) => ({ id, quantity: at + 2 }));
    const serializer = new QuantitySerializer({ instance: lines, data, many: true, partial: true, context: context() });
    const statements = await saving(serializer);
    expect(statements.filter((text) => text.startsWith('UPDATE'))).toHaveLength(1);
    expect((await manager().find(Line, { order: { id: 'ASC' } })).map(({ quantity }) => quantity)).toEqual(
      times(20, (at) => at + 2),
    );
  });
});

describe('writing together', () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const part = fc.record({
    serial: fc.constantFrom('p', 'q', 'r', 's', 't', 'u', 'v', 'w'),
    size: optional(fc.option(fc.nat({ max: 3 }))),
  });
  const label = fc.record({ text: fc.constantFrom('x', 'y', 'z') });
  const item = fc.record({
    ref: fc.constantFrom('1', '2', '3', '4', '5'),
    code: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    quantity: optional(fc.constantFrom(1, 2, 3, 3, 4, 0)),
    price: optional(fc.option(fc.constantFrom('1.00', '2.5', '3.75'))),
    note: optional(fc.option(fc.constantFrom('', 'n'))),
    parts: optional(fc.array(part, { maxLength: 2 })),
    labels: optional(fc.array(label, { maxLength: 2 })),
  });
  const lines = fc.array(item, { maxLength: 4 });
  const orders = fc.array(fc.record({ name: fc.constantFrom('A', 'B', 'C'), lines: optional(lines) }), {
    minLength: 1,
    maxLength: 3,
  });

  /** What making a list of orders and then changing the first of them comes to. */
  async function story(
    { Order: Root, OrderSerializer: Serializer }: typeof plain,
    at: OpenTestDatabase,
    made: readonly object[],
    changes: readonly object[],
  ): Promise<unknown[]> {
    await empty(at);
    const told: unknown[] = [];
    const make = new Serializer({ data: plainly(made), many: true, context: contextOf(at) });
    told.push(await outcome(make as BaseSerializer));
    for (const data of changes) {
      const [instance] = await at.dataSource.manager.find(Root, { order: { id: 'ASC' }, take: 1 });
      const data2 = plainly({ lines: data });
      const change =
        instance === undefined
          ? new Serializer({ data: { name: 'A', ...(data2 as object) }, context: contextOf(at) })
          : new Serializer({ instance, data: data2, partial: true, context: contextOf(at) });
      told.push(await outcome(change));
    }
    told.push(await stored(at));
    return told;
  }

  /** All rows, without the keys, which attempts use up. */
  async function stored({ dataSource }: OpenTestDatabase): Promise<unknown> {
    return dataSource.query(`
      SELECT o.name, o.version, l.ref, l.code, l.quantity, l.price::text, l.note, l.version AS "lineVersion",
        (SELECT json_agg(json_build_array(p.serial, p.size) ORDER BY p.id) FROM made_part p WHERE p.line_id = l.id) AS parts,
        (SELECT json_agg(b.text ORDER BY b.id) FROM made_label b JOIN made_line_labels j
          ON j.label_id = b.id WHERE j.line_id = l.id) AS labels,
        (SELECT count(*)::int FROM made_label) AS "allLabels"
      FROM made_order o LEFT JOIN made_line l ON l.order_id = o.id ORDER BY o.id, l.id`);
  }

  test('comes to what writing one by one comes to, refusals and all', async () => {
    const seen = { stored: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(orders, fc.array(lines, { maxLength: 3 }), async (data, changes) => {
        const together = await story(plain, database, data, changes);
        const each = await story(looped as unknown as typeof plain, others[0] as OpenTestDatabase, data, changes);
        expect(together).toEqual(each);
        for (const told of together.slice(0, -1)) seen['stored' in (told as object) ? 'stored' : 'refused'] += 1;
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(seen.stored).toBeGreaterThan(30);
    expect(seen.refused).toBeGreaterThan(30);
  });
});
