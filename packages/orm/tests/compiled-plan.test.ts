import {
  HyperlinkedIdentityField,
  HyperlinkedRelatedField,
  ModelSerializer,
  planFor,
  PrimaryKeyRelatedField,
  SlugRelatedField,
  StringRelatedField,
} from '@rf/orm';
import {
  CharField,
  DecimalField,
  type Field,
  IntegerField,
  interpretRepresentation,
  ReadOnlyField,
  type Serializer,
  SerializerMethodField,
} from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import fc from 'fast-check';
import type { FindOptionsOrder, FindOptionsRelations } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review, Tag, User } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

let database: OpenTestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: bookshopEntities });
  await fillBookshop(database.dataSource);
  // TypeORM's own entities cut microseconds off, so the rows have none.
  await database.dataSource.manager.query("UPDATE shop_book SET created = date_trunc('milliseconds', created)");
  await database.dataSource.manager.query("UPDATE shop_review SET created = date_trunc('milliseconds', created)");
});
afterAll(() => database.close());

/** An entity, its columns, and its relations with what they lead to and a property that names the related object. */
interface Kind {
  readonly entity: new () => object;
  readonly columns: readonly string[];
  readonly members: readonly string[];
  readonly relations: Readonly<Record<string, { kind: string; many: boolean; slug: string; view: string }>>;
}

const kinds: Readonly<Record<string, Kind>> = {
  book: {
    entity: Book,
    columns: [
      'id',
      'title',
      'isbn',
      'price',
      'published',
      'inPrint',
      'pages',
      'rating',
      'language',
      'metadata',
      'created',
    ],
    members: ['headline', 'displayPrice'],
    relations: {
      publisher: { kind: 'publisher', many: false, slug: 'name', view: 'publisher-detail' },
      owner: { kind: 'user', many: false, slug: 'username', view: 'author-detail' },
      authors: { kind: 'author', many: true, slug: 'born', view: 'author-detail' },
      tags: { kind: 'tag', many: true, slug: 'slug', view: 'author-detail' },
      reviews: { kind: 'review', many: true, slug: 'stars', view: 'author-detail' },
    },
  },
  publisher: {
    entity: Publisher,
    columns: ['id', 'name', 'city', 'website'],
    members: [],
    relations: { books: { kind: 'book', many: true, slug: 'isbn', view: 'book-detail' } },
  },
  author: {
    entity: Author,
    columns: ['id', 'name', 'born'],
    members: [],
    relations: { books: { kind: 'book', many: true, slug: 'price', view: 'book-detail' } },
  },
  tag: {
    entity: Tag,
    columns: ['id', 'slug', 'label'],
    members: [],
    relations: { books: { kind: 'book', many: true, slug: 'title', view: 'book-detail' } },
  },
  review: {
    entity: Review,
    columns: ['id', 'stars', 'text', 'created'],
    members: [],
    relations: {
      book: { kind: 'book', many: false, slug: 'isbn', view: 'book-detail' },
      reviewer: { kind: 'user', many: false, slug: 'username', view: 'author-detail' },
    },
  },
  user: { entity: User, columns: ['id', 'username'], members: [], relations: {} },
};

type Style = 'key' | 'slug' | 'text' | 'link' | 'nested' | 'count' | 'path' | 'default' | 'optional' | 'needs';

interface Spec {
  readonly kind: string;
  readonly columns: readonly string[];
  readonly members: readonly string[];
  readonly relations: readonly { readonly name: string; readonly style: Style; readonly inner: Spec | null }[];
  readonly method: 'none' | 'whole' | 'needs';
  readonly own: boolean;
  readonly self: Spec | null;
}

const styles: readonly Style[] = [
  'key',
  'slug',
  'text',
  'link',
  'nested',
  'count',
  'path',
  'default',
  'optional',
  'needs',
];

function specs(kind: string, depth: number): fc.Arbitrary<Spec> {
  const { columns, members, relations } = kinds[kind] as Kind;
  const relation = (name: string): fc.Arbitrary<Spec['relations'][number]> =>
    fc.record({
      name: fc.constant(name),
      style: fc.constantFrom(...styles),
      inner: depth === 0 ? fc.constant(null) : specs((relations[name] as { kind: string }).kind, depth - 1),
    });
  const names = Object.keys(relations);
  return fc.record({
    kind: fc.constant(kind),
    columns: fc.subarray([...columns], { minLength: 1 }),
    members: fc.subarray([...members]),
    relations: fc.subarray(names).chain((some) => fc.tuple(...some.map(relation))),
    method: fc.constantFrom('none' as const, 'none' as const, 'whole' as const, 'needs' as const),
    own: fc.boolean().map((is) => is && depth < 2),
    self: depth === 0 ? fc.constant(null) : fc.option(specs(kind, 0), { freq: 4 }),
  });
}

function build(spec: Spec): typeof Serializer {
  const kind = kinds[spec.kind] as Kind;
  const declared: Record<string, Field> = {};
  for (const member of spec.members) declared[member] = new ReadOnlyField();
  for (const { name, style, inner } of spec.relations) {
    const related = kind.relations[name];
    if (related !== undefined) declared[`the_${name}`] = relationField(name, style, inner, related);
  }
  if (spec.method !== 'none') {
    const needs = spec.method === 'needs' ? { needs: [...spec.columns] } : {};
    declared.method = new SerializerMethodField({ methodName: 'showAll', ...needs });
  }
  if (spec.self !== null) declared.self = build(spec.self).nested({ source: '*', readOnly: true } as never) as Field;
  class Built extends ModelSerializer(kind.entity as new () => object, {
    fields: [...spec.columns, ...Object.keys(declared)],
  }) {
    constructor(options?: object) {
      super(options);
      Object.assign(this, declared);
    }

    showAll(entity: Record<string, unknown>) {
      return spec.columns.map((name) => String(entity[name]));
    }
  }
  if (spec.own) {
    Built.prototype.toRepresentation = function own(this: Serializer, entity: unknown) {
      const shown = Object.getPrototypeOf(Built.prototype).toRepresentation.call(this, entity) as object;
      return { own: true, ...shown };
    };
  }
  return Built as never;
}

function relationField(
  name: string,
  style: Style,
  inner: Spec | null,
  { kind, many, slug, view }: Kind['relations'][string],
): Field {
  const source = { source: name, readOnly: true } as const;
  switch (style) {
    case 'slug':
      return new SlugRelatedField({ ...source, slugField: slug, many });
    case 'text':
      return new StringRelatedField({ source: name, many });
    case 'link':
      return new HyperlinkedRelatedField({ ...source, viewName: view, many });
    case 'nested':
      return build(inner ?? { ...plainSpec, kind, columns: ['id'] }).nested({ ...source, many } as never) as Field;
    case 'count':
      return many
        ? new IntegerField({ source: `${name}.length`, readOnly: true })
        : new PrimaryKeyRelatedField({ ...source, pkField: new CharField() });
    case 'path':
    case 'default':
    case 'optional': {
      if (many) return new PrimaryKeyRelatedField({ ...source, many });
      const path = `${name}.${slug}`;
      if (style === 'path') return new CharField({ source: path, allowNull: true });
      return style === 'default'
        ? new CharField({ source: path, default: 'none' })
        : new ReadOnlyField({ source: path, required: false });
    }
    case 'needs':
      return new NamesField({ ...source, many, needs: ['id', slug] });
    default:
      return new PrimaryKeyRelatedField({ ...source, many });
  }
}

const plainSpec = { members: [], relations: [], method: 'none', own: false, self: null } as const;

/** A relation field of one's own, which looks at objects. */
class NamesField extends StringRelatedField<{ readonly needs: readonly string[]; readonly many: boolean }> {
  override show(entity: unknown): string {
    const { id } = entity as { id: number };
    return `#${id}`;
  }
}

/** All relations down to a depth, each in the order of keys, for TypeORM's own loading. */
function everything(kind: string, depth: number): { relations: object; order: object } {
  const relations: Record<string, unknown> = {};
  const order: Record<string, unknown> = { id: 'ASC' };
  if (depth > 0) {
    for (const [name, related] of Object.entries((kinds[kind] as Kind).relations)) {
      const inner = everything(related.kind, depth - 1);
      relations[name] = depth === 1 ? true : { ...inner.relations };
      order[name] = inner.order;
    }
  }
  return { relations, order };
}

const context = () => ({ request: shopRequest(database.dataSource) });

test('compiled plans show what serializers show of entities', { timeout: 300_000 }, async () => {
  const kind = fc.constantFrom(...Object.keys(kinds));
  const property = fc.asyncProperty(
    kind.chain((name) => specs(name, 1)),
    async (spec) => {
      const type = build(spec);
      const { entity } = kinds[spec.kind] as Kind;
      const plan = planFor(type as never, database.dataSource);
      const compiled = await plan.list(entity, {}, context());

      const loaded = await plan.entities(entity, {}, context());
      const shown: unknown[] = [];
      for (const item of loaded) shown.push(await interpretRepresentation(new type({ context: context() }), item));
      expect(compiled).toEqual(shown);
      expect(JSON.stringify(compiled)).toBe(JSON.stringify(shown));
    },
  );
  await fc.assert(property, { numRuns: Number(process.env.RF_RUNS ?? 60) });
});

test('compiled plans show what serializers show of TypeORM’s entities', { timeout: 300_000 }, async () => {
  const { relations, order } = everything('book', 3);
  const books = await database.dataSource.manager.find(Book, {
    relations: relations as FindOptionsRelations<Book>,
    order: order as FindOptionsOrder<Book>,
    relationLoadStrategy: 'query',
  });
  const property = fc.asyncProperty(specs('book', 1), async (spec) => {
    const type = build(spec);
    const compiled = await planFor(type as never, database.dataSource).list(Book, {}, context());
    const shown: unknown[] = [];
    for (const book of books) shown.push(await interpretRepresentation(new type({ context: context() }), book));
    expect(compiled).toEqual(shown);
  });
  await fc.assert(property, { numRuns: Number(process.env.RF_RUNS ?? 60) });
});

test('one row, a page and a query show the same as a list', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(specs('book', 1), async (spec) => {
    const plan = planFor(build(spec) as never, database.dataSource);
    const list = await plan.list(Book, {}, context());
    expect(await plan.one(Book, { where: { pk: 2 } }, context())).toEqual(list[1]);
    expect(await plan.page(Book, { limit: 2, offset: 1 }, context())).toEqual({ count: 3, results: list.slice(1) });
    const query = database.dataSource.manager.createQueryBuilder(Book, 'it').where('it.id <> :id', { id: 2 });
    expect(await plan.list(query, {}, context())).toEqual([list[0], list[2]]);
    expect(await plan.list(query, { limit: 5 }, context())).toEqual([list[0], list[2]]);
  });
  await fc.assert(property, { numRuns: 15 });
});

test('the identity of an object is a link like any other', async () => {
  class LinkSerializer extends ModelSerializer(Book, { fields: ['url', 'price'] }) {
    url = new HyperlinkedIdentityField({ viewName: 'book-detail' });
    price = new DecimalField({ maxDigits: 6, decimalPlaces: 1 });
  }
  const plan = planFor(LinkSerializer, database.dataSource);
  const [first] = await plan.list(Book, {}, context());
  expect(first).toEqual({ url: 'http://shop.test/api/books/1/', price: '12.5' });
});
