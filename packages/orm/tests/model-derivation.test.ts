import {
  type DerivedFieldPlan,
  type EntityShape,
  field,
  type FieldClass,
  HyperlinkedModelSerializer,
  HyperlinkedRelatedField,
  ModelListSerializer,
  ModelSerializer,
  planFor,
  PrimaryKeyRelatedField,
  type ShapeColumn,
  SlugRelatedField,
} from '@rf/orm';
import { CharField, IntegerField, ReadOnlyField, Serializer } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import type { Request } from '@rf/views';
import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review, Tag } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

@Entity('derived_seat')
@Unique(['room', 'row', 'floor'])
class Seat {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  room!: string;

  @Column({ type: 'integer', default: 7 })
  row!: number;

  @Column({ type: 'integer', default: 0 })
  floor!: number;
}

@Entity('derived_slot')
@Unique(['room', 'hour'])
@Index(['teacher', 'room'], { unique: true })
@Unique(['teacher', 'hour'])
class Slot {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  room!: string;

  @Column({ type: 'varchar', length: 20 })
  teacher!: string;

  @Column({ type: 'integer' })
  hour!: number;
}

@Entity('derived_notice')
class Notice {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @field({ uniqueForDate: 'day', uniqueForYear: 'printed' })
  @Column({ type: 'varchar', length: 50 })
  title!: string;

  @Column({ type: 'date' })
  day!: string;

  @Column({ type: 'date', nullable: true })
  printed!: string | null;
}

let database: OpenTestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [...bookshopEntities, Seat, Slot, Notice] });
  await fillBookshop(database.dataSource);
  const { manager } = database.dataSource;
  await manager.save(Seat, { room: 'hall', row: 7, floor: 0 });
  await manager.save(Slot, { room: 'hall', teacher: 'ada', hour: 9 });
  await manager.save(Notice, { title: 'Closed', day: '2024-05-01', printed: '2024-01-01' });
});
afterAll(() => database.close());

const context = () => ({ request: shopRequest(database.dataSource) });

/** The field's line of `String(serializer)`. */
function line(type: new () => Serializer, name: string): string | undefined {
  const lines = String(new type()).split('\n');
  return lines.map((text) => text.trim()).find((text) => text.startsWith(`${name} = `));
}

async function errorsOf(type: new (options: object) => Serializer, data: object, more = {}): Promise<unknown> {
  const serializer = new type({ data, context: context(), ...more });
  return (await serializer.isValid()) ? {} : JSON.parse(JSON.stringify(serializer.errors));
}

describe('a serializer class decides on its fields', () => {
  class LoudField extends CharField {
    override toRepresentation(value: unknown): string {
      return `${String(value).toUpperCase()}!`;
    }
  }

  test('by the type of the column', async () => {
    class TagSerializer extends ModelSerializer(Tag, { fields: ['id', 'slug', 'label'] }) {
      static override serializerFieldMapping = {
        ...super.serializerFieldMapping,
        varchar: LoudField as unknown as FieldClass,
      };
    }
    const plan = planFor(TagSerializer, database.dataSource);
    expect(await plan.one(Tag, { where: { pk: 1 } }, context())).toEqual({
      id: 1,
      slug: 'fiction',
      label: 'FICTION!',
    });
  });

  test('by what it is: relation, choice, own URL, member, column', () => {
    class KeyField extends PrimaryKeyRelatedField {}
    class PickField extends IntegerField {}
    class HereField extends ReadOnlyField {}
    class BookSerializer extends ModelSerializer(Book, {
      fields: ['here', 'publisher', 'language', 'headline', 'title', 'isbn'],
    }) {
      static override urlFieldName = 'here';
      static override serializerRelatedField = KeyField as unknown as FieldClass;
      static override serializerChoiceField = PickField as unknown as FieldClass;
      static override serializerUrlField = HereField as unknown as FieldClass;

      static override buildPropertyField(): DerivedFieldPlan {
        return { type: CharField as FieldClass, options: { readOnly: true } };
      }

      static override buildStandardField(name: string, column: ShapeColumn, shape: EntityShape): DerivedFieldPlan {
        const plan = super.buildStandardField(name, column, shape);
        return name === 'title' ? { ...plan, options: { ...plan.options, trimWhitespace: false } } : plan;
      }
    }
    expect(line(BookSerializer, 'here')).toBe("here = new HereField({ viewName: 'book-detail' })");
    expect(line(BookSerializer, 'publisher')).toMatch(/^publisher = new KeyField\(/);
    expect(line(BookSerializer, 'language')).toMatch(/^language = new PickField\(/);
    expect(line(BookSerializer, 'headline')).toBe('headline = new CharField({ readOnly: true })');
    expect(line(BookSerializer, 'title')).toBe('title = new CharField({ maxLength: 200, trimWhitespace: false })');
    expect(line(BookSerializer, 'isbn')).not.toContain('trimWhitespace');
  });

  test('also for names that the entity does not know', () => {
    class TagSerializer extends ModelSerializer(Tag, { fields: ['slug', 'uses'] }) {
      static override buildUnknownField(name: string): DerivedFieldPlan {
        return { type: IntegerField as FieldClass, options: { readOnly: true, label: `Number of ${name}` } };
      }
    }
    expect(line(TagSerializer, 'uses')).toBe("uses = new IntegerField({ readOnly: true, label: 'Number of uses' })");
  });

  test('and on how lists of it are shown', async () => {
    class EnvelopeList extends ModelListSerializer {
      override toRepresentation(value: unknown): never {
        return { items: super.toRepresentation(value) } as never;
      }
    }
    class TagSerializer extends ModelSerializer(Tag, { fields: ['slug'] }) {
      static override listSerializerClass = EnvelopeList as never;
    }
    const instance = [Object.assign(new Tag(), { id: 1, slug: 'one' })];
    expect(await TagSerializer.many({ instance, context: context() }).data).toEqual({ items: [{ slug: 'one' }] });
  });
});

describe('depth', () => {
  test('shows related objects as objects, level by level, and reads none of them', async () => {
    class DeepSerializer extends ModelSerializer(Review, { fields: ['id', 'book'], depth: 2 }) {}
    const plan = planFor(DeepSerializer, database.dataSource);
    expect(await plan.one(Review, { where: { pk: 1 } }, context())).toMatchObject({
      id: 1,
      book: {
        title: 'Amber Fields',
        publisher: { id: 1, name: 'Arbor House', city: 'Leeds', website: 'https://arbor.example/' },
        authors: [{ id: 1, name: 'Ada Winter', born: '1948-03-09' }],
      },
    });
    const serializer = new DeepSerializer({ data: { book: { title: 'Other' } }, context: context() });
    expect(await serializer.isValid()).toBe(true);
    expect(serializer.validatedData).toEqual({});
  });

  test('of a hyperlinked serializer gives each object its URL', async () => {
    class LinkedSerializer extends HyperlinkedModelSerializer(Book, { fields: ['url', 'publisher'], depth: 1 }) {}
    const plan = planFor(LinkedSerializer, database.dataSource);
    expect(await plan.one(Book, { where: { pk: 1 } }, context())).toMatchObject({
      url: 'http://shop.test/api/books/1/',
      publisher: { url: 'http://shop.test/api/publishers/1/', name: 'Arbor House' },
    });
  });
});

describe('unique together', () => {
  test('is checked with the default of a read-only field', async () => {
    class SeatSerializer extends ModelSerializer(Seat, {
      fields: ['room', 'row', 'floor'],
      readOnlyFields: ['row'],
    }) {}
    const taken = { non_field_errors: ['The fields room, row, floor must make a unique set.'] };
    expect(await errorsOf(SeatSerializer, { room: 'hall', row: 8, floor: 0 })).toEqual(taken);
    expect(await errorsOf(SeatSerializer, { room: 'hall', row: 7, floor: 1 })).toEqual({});
  });

  test('is checked with the defaults of what is not sent', async () => {
    class SeatSerializer extends ModelSerializer(Seat, { fields: ['room', 'row', 'floor'] }) {}
    expect(await errorsOf(SeatSerializer, { room: 'hall' })).toEqual({
      non_field_errors: ['The fields room, row, floor must make a unique set.'],
    });
    expect(await errorsOf(SeatSerializer, { room: 'hall', row: 8 })).toEqual({});
  });
});

describe('several sets that are unique together', () => {
  class SlotSerializer extends ModelSerializer(Slot, { fields: ['teacher', 'hour', 'room'] }) {}
  const told = (...sets: string[]) => ({
    non_field_errors: sets.map((names) => `The fields ${names} must make a unique set.`),
  });

  test('are all told of, in the order in which the class reads, constraints before indexes', async () => {
    expect(await errorsOf(SlotSerializer, { room: 'hall', teacher: 'ada', hour: 9 })).toEqual(
      told('room, hour', 'teacher, hour', 'teacher, room'),
    );
    expect(await errorsOf(SlotSerializer, { room: 'hall', teacher: 'ada', hour: 10 })).toEqual(told('teacher, room'));
    expect(await errorsOf(SlotSerializer, { room: 'hall', teacher: 'ben', hour: 9 })).toEqual(told('room, hour'));
  });

  test('ask for what is missing first', async () => {
    expect(await errorsOf(SlotSerializer, { room: 'hall', teacher: 'ada' })).toEqual({
      hour: ['This field is required.'],
    });
  });
});

describe('unique for a date', () => {
  class NoticeSerializer extends ModelSerializer(Notice, { fields: ['title', 'day', 'printed'] }) {}

  test('follows from the entity', async () => {
    expect(await errorsOf(NoticeSerializer, { title: 'Closed', day: '2024-05-01', printed: '2023-02-02' })).toEqual({
      title: ['This field must be unique for the "day" date.'],
    });
    expect(await errorsOf(NoticeSerializer, { title: 'Closed', day: '2024-05-02', printed: '2024-02-02' })).toEqual({
      title: ['This field must be unique for the "printed" year.'],
    });
    expect(await errorsOf(NoticeSerializer, { title: 'Closed', day: '2024-05-02', printed: '2023-02-02' })).toEqual({});
  });

  test('makes the date required', async () => {
    expect(await errorsOf(NoticeSerializer, { title: 'Open', printed: '2023-02-02' })).toEqual({
      day: ['This field is required.'],
    });
  });

  test('does not find the row itself', async () => {
    const instance = await database.dataSource.manager.findOneByOrFail(Notice, { title: 'Closed' });
    expect(
      await errorsOf(NoticeSerializer, { title: 'Closed', day: '2024-05-01', printed: '2024-01-01' }, { instance }),
    ).toEqual({});
  });
});

describe('relations', () => {
  test('of the other side are there when they are named', async () => {
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['name', 'books'] }) {}
    class AllSerializer extends ModelSerializer(Publisher, { fields: '__all__' }) {}
    const plan = planFor(PublisherSerializer, database.dataSource);
    expect(await plan.one(Publisher, { where: { pk: 1 } }, context())).toEqual({ name: 'Arbor House', books: [1, 2] });
    expect(line(AllSerializer, 'books')).toBeUndefined();
  });

  test('may be links with more than one argument', async () => {
    class ShelfField extends HyperlinkedRelatedField<Book> {
      override getUrl(object: unknown, request: Request): string {
        const { isbn, id } = object as Book;
        return request.buildAbsoluteUri(`/shelf/${isbn}/${id}`);
      }

      override async getObjects(
        params: readonly Readonly<Record<string, string>>[],
      ): Promise<readonly (Book | null)[]> {
        const books = database.dataSource.manager;
        return Promise.all(params.map(({ pk }) => books.findOneBy(Book, { id: Number(pk), inPrint: true })));
      }
    }
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['stars', 'book'] }) {
      book = new ShelfField({ viewName: 'book-detail', queryset: Book });
    }
    const plan = planFor(ReviewSerializer, database.dataSource);
    expect(await plan.one(Review, { where: { pk: 1 } }, context())).toEqual({
      stars: 5,
      book: 'http://shop.test/shelf/9781000000011/1',
    });
    expect(await errorsOf(ReviewSerializer, { stars: 1, book: '/api/books/1/' })).toEqual({});
    expect(await errorsOf(ReviewSerializer, { stars: 1, book: '/api/books/3/' })).toEqual({
      book: ['Invalid hyperlink - Object does not exist.'],
    });
  });

  test('may refuse an empty list, and see rows that came later', async () => {
    class TagsSerializer extends Serializer {
      tags = new SlugRelatedField({ queryset: Tag, slugField: 'slug', many: true, allowEmpty: false });
    }
    expect(await errorsOf(TagsSerializer, { tags: [] })).toEqual({ tags: ['This list may not be empty.'] });
    expect(await errorsOf(TagsSerializer, { tags: ['later'] })).toEqual({
      tags: ['Object with slug=later does not exist.'],
    });
    await database.dataSource.manager.save(Tag, { slug: 'later', label: 'Later' });
    expect(await errorsOf(TagsSerializer, { tags: ['later'] })).toEqual({});
  });

  test('offer options in words of their own, up to a limit', async () => {
    class NameField extends PrimaryKeyRelatedField<Author> {
      override displayValue(entity: unknown): string {
        return (entity as Author).name.split(' ')[0] as string;
      }
    }
    const offered = async (options: object) => {
      class AuthorSerializer extends Serializer {
        author = new NameField({ queryset: Author, ...options });
      }
      const serializer = new AuthorSerializer({ context: context() });
      return serializer.author.iterOptions({ context: context(), serializer } as never);
    };
    expect(await offered({})).toEqual([
      { kind: 'option', value: 1, label: 'Ada', disabled: false },
      { kind: 'option', value: 2, label: 'Bruno', disabled: false },
      { kind: 'option', value: 3, label: 'Chloé', disabled: false },
    ]);
    expect(await offered({ htmlCutoff: 1, htmlCutoffText: 'Over {count}.' })).toEqual([
      { kind: 'option', value: 1, label: 'Ada', disabled: false },
      { kind: 'option', value: 'n/a', label: 'Over 1.', disabled: true },
    ]);
  });
});
