import {
  db,
  HyperlinkedIdentityField,
  HyperlinkedRelatedField,
  ModelSerializer,
  planFor,
  PrimaryKeyRelatedField,
  SlugRelatedField,
  StringRelatedField,
} from '@rf/orm';
import { CharField, Serializer } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { NamespaceVersioning, type Request } from '@rf/views';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Tag } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

/** Columns of kinds that the shop does not have. */
@Entity('shop_shelf')
class Shelf {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ type: 'enum', enum: ['tall', 'low'] })
  height!: string;

  @Column({ type: 'varchar', unique: true })
  mark!: string;

  @Column({ type: 'numeric', precision: 6, scale: 2, unique: true })
  width!: string;

  @Column({ type: 'double precision' })
  depth!: number;

  @Column({ type: 'boolean' })
  isOpen!: boolean;

  @Column({ type: 'integer', unique: true })
  row!: number;
}

let database: OpenTestDatabase;
let statements: string[] = [];

beforeAll(async () => {
  database = await openTestDatabase({
    entities: [...bookshopEntities, Shelf],
    onQuery: (text) => statements.push(text),
  });
  await fillBookshop(database.dataSource);
  await database.dataSource.manager.insert(Shelf, [
    { id: shelfId(1), height: 'tall', mark: 'True', width: '1.50', depth: 0.5, isOpen: true, row: 1 },
    { id: shelfId(2), height: 'low', mark: "['a']", width: '20.00', depth: 1, isOpen: false, row: 2 },
  ]);
});
beforeEach(() => {
  statements = [];
});
afterAll(() => database.close());

const request = (more: Partial<Request> = {}): Request => shopRequest(database.dataSource, more);

const shelfId = (number: number): string => `00000000-0000-0000-0000-00000000000${number}`;

/** What validating `data` gives: keys of the objects found, or the errors. */
async function validated(
  type: new (options: object) => Serializer,
  data: unknown,
  more: object = {},
): Promise<unknown> {
  const serializer = new type({ data, context: { request: request() }, ...more });
  if (!(await serializer.isValid())) return JSON.parse(JSON.stringify(serializer.errors));
  return JSON.parse(JSON.stringify(serializer.validatedData, (_key, value: unknown) => keyOf(value)));
}

function keyOf(value: unknown): unknown {
  const isEntity = [Author, Publisher, Tag, Book, Shelf].some((entity) => value instanceof entity);
  return isEntity ? `#${(value as { id: number }).id}` : value;
}

describe('PrimaryKeyRelatedField', () => {
  class KeySerializer extends Serializer {
    publisher = new PrimaryKeyRelatedField({ queryset: Publisher, allowNull: true, required: false });
    authors = new PrimaryKeyRelatedField({ queryset: Author, many: true, required: false });
  }

  test('takes keys as numbers and as text', async () => {
    expect(await validated(KeySerializer, { publisher: '1', authors: [2, ' 1 '] })).toEqual({
      publisher: '#1',
      authors: ['#2', '#1'],
    });
  });

  test('looks a list up in one query', async () => {
    await validated(KeySerializer, { authors: [1, 2, 3, 1] });
    expect(statements).toHaveLength(1);
  });

  test.each([
    [{ publisher: 99 }, { publisher: ['Invalid pk "99" - object does not exist.'] }],
    [{ publisher: 99_999_999_999 }, { publisher: ['Invalid pk "99999999999" - object does not exist.'] }],
    [{ publisher: 1e300 }, { publisher: ['Invalid pk "1e+300" - object does not exist.'] }],
    [{ publisher: 99.5 }, { publisher: ['Invalid pk "99.5" - object does not exist.'] }],
    [{ publisher: 2n ** 70n }, { publisher: [`Invalid pk "${2n ** 70n}" - object does not exist.`] }],
    [{ publisher: [] }, { publisher: ['Incorrect type. Expected pk value, received list.'] }],
    [{ publisher: '9'.repeat(5000) }, { publisher: ['Incorrect type. Expected pk value, received str.'] }],
    [{ publisher: 'x' }, { publisher: ['Incorrect type. Expected pk value, received str.'] }],
    [{ publisher: '1.0' }, { publisher: ['Incorrect type. Expected pk value, received str.'] }],
    [{ publisher: true }, { publisher: ['Incorrect type. Expected pk value, received bool.'] }],
    [{ publisher: [1] }, { publisher: ['Incorrect type. Expected pk value, received list.'] }],
    [{ publisher: { a: 1 } }, { publisher: ['Incorrect type. Expected pk value, received dict.'] }],
    [{ authors: [1, 99] }, { authors: ['Invalid pk "99" - object does not exist.'] }],
    [{ authors: [99, 'x'] }, { authors: ['Invalid pk "99" - object does not exist.'] }],
    [{ authors: ['x', 99] }, { authors: ['Incorrect type. Expected pk value, received str.'] }],
    [{ authors: [''] }, { authors: ['Incorrect type. Expected pk value, received str.'] }],
    [{ authors: [null] }, { authors: ['Invalid pk "None" - object does not exist.'] }],
    [{ authors: 'x' }, { authors: ['Expected a list of items but got type "str".'] }],
    [{ authors: null }, { authors: ['This field may not be null.'] }],
  ])('refuses %o', async (data, errors) => {
    expect(await validated(KeySerializer, data)).toEqual(errors);
  });

  test('cuts fractions off', async () => {
    expect(await validated(KeySerializer, { publisher: 1.9 })).toEqual({ publisher: '#1' });
  });

  test('takes the empty text for null', async () => {
    expect(await validated(KeySerializer, { publisher: '' })).toEqual({ publisher: null });
  });

  test('chooses among the rows of a query, and says so in words of its own', async () => {
    class DatedSerializer extends Serializer {
      authors = new PrimaryKeyRelatedField({
        many: true,
        queryset: (manager) => manager.createQueryBuilder(Author, 'author').where('author.born IS NOT NULL'),
        errorMessages: { does_not_exist: 'No dated author {pk_value}.' },
      });
    }
    expect(await validated(DatedSerializer, { authors: [1, 3] })).toEqual({ authors: ['No dated author 3.'] });
    expect(await validated(DatedSerializer, { authors: [2, 1] })).toEqual({ authors: ['#2', '#1'] });
  });

  test('may choose by what stands in the context', async () => {
    class OwnField extends PrimaryKeyRelatedField<Author> {
      override getQueryset(scope: { context: { request?: unknown } }) {
        const names = (scope.context.request as { user: { names: string[] } }).user.names;
        return db(scope.context.request as Request)
          .createQueryBuilder(Author, 'author')
          .where('author.name IN (:...names)', { names }) as never;
      }
    }
    class OwnSerializer extends Serializer {
      author = new OwnField();
    }
    const context = { request: request({ user: { names: ['Ada Winter'] } } as never) };
    expect(await validated(OwnSerializer, { author: 1 }, { context })).toEqual({ author: '#1' });
    expect(await validated(OwnSerializer, { author: 2 }, { context })).toEqual({
      author: ['Invalid pk "2" - object does not exist.'],
    });
  });

  test('reads and shows keys by a field', async () => {
    class TextSerializer extends ModelSerializer(Book, { fields: ['publisher'] }) {
      publisher = new PrimaryKeyRelatedField({
        queryset: Publisher,
        allowNull: true,
        pkField: new CharField({ maxLength: 3 }),
      });
    }
    expect(await validated(TextSerializer, { publisher: '2' })).toEqual({ publisher: '#2' });
    expect(await validated(TextSerializer, { publisher: true })).toEqual({ publisher: ['Not a valid string.'] });
    const plan = planFor(TextSerializer, database.dataSource);
    expect(await plan.list(Book, {}, { request: request() })).toEqual([
      { publisher: '1' },
      { publisher: '1' },
      { publisher: null },
    ]);
  });

  test('needs objects to choose from unless it is read-only', () => {
    class NoneSerializer extends Serializer {
      author = new PrimaryKeyRelatedField();
    }
    class BothSerializer extends Serializer {
      author = new PrimaryKeyRelatedField({ queryset: Author, readOnly: true });
    }
    expect(() => String(new NoneSerializer())).toThrow('must provide a `queryset` option');
    expect(() => String(new BothSerializer())).toThrow('should not provide a `queryset` option');
  });

  test('offers choices', async () => {
    const serializer = new KeySerializer({ context: { request: request() } });
    const { authors } = serializer;
    const scope = Object.getOwnPropertySymbols(serializer).map((key) => serializer[key as never] as never)[0];
    expect([...(await authors.choices(scope as never, 2))]).toEqual([
      [1, 'Ada Winter'],
      [2, 'Bruno Hale'],
    ]);
  });
});

describe('SlugRelatedField', () => {
  class SlugSerializer extends Serializer {
    tag = new SlugRelatedField({ queryset: Tag, slugField: 'slug', required: false });
    tags = new SlugRelatedField({ queryset: Tag, slugField: 'slug', many: true, required: false });
    book = new SlugRelatedField({ queryset: Book, slugField: 'publisher__name', required: false });
    born = new SlugRelatedField({ queryset: Author, slugField: 'born', required: false });
  }

  test('finds objects by a property, also of a related one', async () => {
    expect(await validated(SlugSerializer, { tag: 'fiction', tags: ['history', 'fiction'] })).toEqual({
      tag: '#1',
      tags: ['#3', '#1'],
    });
    expect(await validated(SlugSerializer, { book: 'Arbor House', born: '1971-11-30' })).toEqual({
      book: '#1',
      born: '#2',
    });
  });

  test.each([
    [{ tag: 'nope' }, { tag: ['Object with slug=nope does not exist.'] }],
    [{ tag: 5 }, { tag: ['Object with slug=5 does not exist.'] }],
    [{ tag: '' }, { tag: ['This field may not be null.'] }],
    [{ tag: [] }, { tag: ['Object with slug=[] does not exist.'] }],
    [{ tag: true }, { tag: ['Object with slug=True does not exist.'] }],
    [{ tag: { a: [1] } }, { tag: ["Object with slug={'a': [1]} does not exist."] }],
    [{ tags: [['fiction']] }, { tags: ["Object with slug=['fiction'] does not exist."] }],
    [{ born: true }, { born: ['Invalid value.'] }],
    [{ tag: { a: [1, null] } }, { tag: ["Object with slug={'a': [1, None]} does not exist."] }],
    [{ tag: 'a\0' }, { tag: ['Invalid value.'] }],
    [{ tag: '\ud800' }, { tag: ['Invalid value.'] }],
    [{ tags: ['fiction', false] }, { tags: ['Object with slug=False does not exist.'] }],
    [{ tags: ['nope', 'fiction'] }, { tags: ['Object with slug=nope does not exist.'] }],
    [{ tags: [''] }, { tags: ['Object with slug= does not exist.'] }],
    [
      { born: 'yesterday' },
      { born: ['“yesterday” value has an invalid date format. It must be in YYYY-MM-DD format.'] },
    ],
    [
      { born: '1971-11-31' },
      { born: ['“1971-11-31” value has the correct format (YYYY-MM-DD) but it is an invalid date.'] },
    ],
    [{ born: 5 }, { born: ['Invalid value.'] }],
  ])('refuses %j', async (data, errors) => {
    expect(await validated(SlugSerializer, data)).toEqual(errors);
  });
});

describe('keys of every kind of column', () => {
  const by = (slugField: string) => new SlugRelatedField({ queryset: Shelf, slugField, required: false });
  class ShelfSerializer extends Serializer.with({
    key: new PrimaryKeyRelatedField({ queryset: Shelf, required: false }),
    widths: new SlugRelatedField({ queryset: Shelf, slugField: 'width', many: true, required: false }),
    id: by('id'),
    height: by('height'),
    mark: by('mark'),
    width: by('width'),
    depth: by('depth'),
    isOpen: by('isOpen'),
    row: by('row'),
  }) {}

  test.each([
    [{ mark: true }, 1],
    [{ mark: ['a'] }, 2],
    [{ row: true }, 1],
    [{ row: 2.9 }, 2],
    [{ row: ' ٢ ' }, 2],
    [{ width: 1.5 }, 1],
    [{ width: '2_0' }, 2],
    [{ depth: '5e-1' }, 1],
    [{ depth: true }, 2],
    [{ isOpen: 't' }, 1],
    [{ isOpen: 0 }, 2],
    [{ height: 'low' }, 2],
    [{ key: 2 }, 2],
    [{ key: '{00000000000000000000000000000001}' }, 1],
    [{ id: true }, 1],
  ])('%j is shelf %i', async (data, number) => {
    const [name = ''] = Object.keys(data);
    expect(await validated(ShelfSerializer, data)).toEqual({ [name]: `#${shelfId(number)}` });
  });

  test('equal values of other text are found in a list, too', async () => {
    expect(await validated(ShelfSerializer, { widths: ['20', 1.5, '1.50'] })).toEqual({
      widths: [2, 1, 1].map((number) => `#${shelfId(number)}`),
    });
    expect(await validated(ShelfSerializer, { widths: ['20', 3] })).toEqual({
      widths: ['Object with width=3 does not exist.'],
    });
  });

  test('many values that nothing has cost few questions, though one of another text is there', async () => {
    const widths = [...Array.from({ length: 1000 }, (_, at) => at + 100), 1.5];
    expect(await validated(ShelfSerializer, { widths })).toEqual({
      widths: ['Object with width=100 does not exist.'],
    });
    // The list, what is left of it, and two halves of each part that holds the one.
    expect(statements.length).toBeLessThanOrEqual(2 + 2 * Math.ceil(Math.log2(widths.length)));
  });

  test.each([
    [{ key: true }, 'Incorrect type. Expected pk value, received bool.'],
    [{ key: 'x' }, '“x” is not a valid UUID.'],
    [{ key: [1] }, '“[1]” is not a valid UUID.'],
    [{ id: 1.5 }, '“1.5” is not a valid UUID.'],
    [{ height: 'wide' }, 'Object with height=wide does not exist.'],
    [{ row: [2] }, 'Invalid value.'],
    [{ row: 'two' }, 'Invalid value.'],
    [{ width: 'wide' }, '“wide” value must be a decimal number.'],
    [{ width: '1e999' }, 'Object with width=1e999 does not exist.'],
    [{ depth: 'deep' }, 'Invalid value.'],
    [{ depth: 'nan' }, 'Object with depth=nan does not exist.'],
    [{ depth: {} }, 'Invalid value.'],
    [{ isOpen: 'yes' }, '“yes” value must be either True or False.'],
  ])('%j is none: %s', async (data, message) => {
    const [name = ''] = Object.keys(data);
    expect(await validated(ShelfSerializer, data)).toEqual({ [name]: [message] });
  });
});

describe('hyperlinks', () => {
  class LinkSerializer extends ModelSerializer(Book, {
    fields: ['url', 'publisher', 'authors', 'tags', 'reviewsUrl'],
  }) {
    url = new HyperlinkedIdentityField({ viewName: 'book-detail' });
    publisher = new HyperlinkedRelatedField({ viewName: 'publisher-detail', queryset: Publisher, allowNull: true });
    authors = new HyperlinkedRelatedField({ viewName: 'author-detail', queryset: Author, many: true });
    tags = new HyperlinkedRelatedField({
      viewName: 'tag-detail',
      lookupField: 'slug',
      queryset: Tag,
      many: true,
      required: false,
    });
    reviewsUrl = new HyperlinkedIdentityField({
      viewName: 'book-reviews',
      lookupField: 'isbn',
      lookupUrlKwarg: 'code',
    });
  }

  test('are absolute URLs, of objects by any property, and are read without the objects', async () => {
    const plan = planFor(LinkSerializer, database.dataSource);
    const shown = await plan.list(Book, {}, { request: request() });
    expect(shown[1]).toEqual({
      url: 'http://shop.test/api/books/2/',
      publisher: 'http://shop.test/api/publishers/1/',
      authors: ['http://shop.test/api/authors/1/', 'http://shop.test/api/authors/2/'],
      tags: ['http://shop.test/api/tags/fiction/', 'http://shop.test/api/tags/history/'],
      reviewsUrl: 'http://shop.test/api/reviews-of/9781000000022/',
    });
    expect(shown[2]).toMatchObject({ publisher: null, tags: [] });
    expect(statements).toHaveLength(1);
  });

  test('carry the format of the request', async () => {
    class FormatSerializer extends ModelSerializer(Book, { fields: ['publisher'] }) {
      publisher = new HyperlinkedRelatedField({ viewName: 'publisher-detail', readOnly: true });
    }
    const plan = planFor(FormatSerializer, database.dataSource);
    expect(await plan.one(Book, { where: { pk: 1 } }, { request: request(), format: 'json' })).toEqual({
      publisher: 'http://shop.test/api/publishers/1.json',
    });
  });

  test('are resolved by their path, whatever the host', async () => {
    const data = {
      publisher: 'https://elsewhere.example/api/publishers/2/?x=1#top',
      authors: ['/api/authors/1/', 'http://shop.test/api/authors/3/'],
      tags: ['/api/tags/history/'],
    };
    expect(await validated(LinkSerializer, data)).toEqual({ publisher: '#2', authors: ['#1', '#3'], tags: ['#3'] });
    expect(
      await validated(LinkSerializer, { publisher: '/api/publishers/1.json', authors: ['/api/authors/1/'] }),
    ).toEqual({ publisher: '#1', authors: ['#1'] });
  });

  test.each([
    ['nonsense', 'Invalid hyperlink - No URL match.'],
    ['http://shop.test/nowhere/', 'Invalid hyperlink - No URL match.'],
    ['/api/publishers/%zz/', 'Invalid hyperlink - No URL match.'],
    ['/api/publishers/1/?x=1', 'Invalid hyperlink - No URL match.'],
    ['/api/publishers/', 'Invalid hyperlink - Incorrect URL match.'],
    ['/api/authors/1/', 'Invalid hyperlink - Incorrect URL match.'],
    ['/api/publishers/99/', 'Invalid hyperlink - Object does not exist.'],
    ['/api/publishers/abc/', 'Invalid hyperlink - Object does not exist.'],
    [1, 'Incorrect type. Expected URL string, received int.'],
  ])('refuse %j', async (publisher, text) => {
    expect(await validated(LinkSerializer, { publisher, authors: ['/api/authors/1/'] })).toEqual({ publisher: [text] });
  });

  test('of another version do not match under namespace versioning', async () => {
    class TagSerializer extends Serializer {
      tag = new HyperlinkedRelatedField({ viewName: 'tag-by-key', queryset: Tag });
    }
    const context = { request: request({ version: 'v2', versioningScheme: new NamespaceVersioning() }) };
    expect(await validated(TagSerializer, { tag: '/v2/tags/2/' }, { context })).toEqual({ tag: '#2' });
    expect(await validated(TagSerializer, { tag: '/v1/tags/2/' }, { context })).toEqual({
      tag: ['Invalid hyperlink - Incorrect URL match.'],
    });
  });

  test('need the request, a view name and its URL', async () => {
    class NamelessSerializer extends Serializer {
      tag = new HyperlinkedRelatedField({ queryset: Tag } as never);
    }
    class UnknownSerializer extends ModelSerializer(Tag, { fields: ['url'] }) {
      url = new HyperlinkedIdentityField({ viewName: 'nothing-detail' });
    }
    expect(() => String(new NamelessSerializer())).toThrow('the `viewName` option is required');
    const tag = Object.assign(new Tag(), { id: 1 });
    await expect(async () => new UnknownSerializer({ instance: tag }).data).rejects.toThrow(
      '`HyperlinkedIdentityField` requires the request in the serializer context.',
    );
    await expect(
      async () => new UnknownSerializer({ instance: tag, context: { request: request() } }).data,
    ).rejects.toThrow('could not resolve the URL for a hyperlink with view name "nothing-detail"');
    expect(await new LinkUrlSerializer({ instance: new Tag(), context: { request: request() } }).data).toEqual({
      url: null,
    });
  });

  class LinkUrlSerializer extends ModelSerializer(Tag, { fields: ['url'] }) {
    url = new HyperlinkedIdentityField({ viewName: 'tag-detail', lookupField: 'slug' });
  }
});

describe('StringRelatedField', () => {
  test('is read-only without being told', async () => {
    class TextSerializer extends Serializer {
      authors = new StringRelatedField({ many: true });
    }
    expect(await validated(TextSerializer, { authors: ['x'] })).toEqual({});
  });
});
