import { ImproperlyConfigured } from '@rf/exceptions';
import { field, HyperlinkedModelSerializer, ModelSerializer, sensitive, UniqueTogetherValidator } from '@rf/orm';
import { CharField, IntegerField, type Serializer } from '@rf/serializers';
import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique, UpdateDateColumn } from 'typeorm';
import { describe, expect, test } from 'vitest';
import { Book, Publisher, Review, Tag, User } from './fixtures/bookshop.ts';

/** The fields of a class as `String(serializer)` prints them, by name; its validators under `validators`. */
function printed(type: new () => Serializer): Record<string, string> {
  const lines = String(new type()).split('\n').slice(1);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const found = /^ {4}(?:static )?(\w+) = (.*)$/.exec(line);
      return found === null ? [] : [[found[1] as string, found[2] as string]];
    }),
  );
}

describe('derived fields', () => {
  test('are those of the columns, in the order of the fields option', () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['price', 'id', 'title'] }) {}
    expect(Object.keys(printed(BookSerializer))).toEqual(['price', 'id', 'title']);
  });

  test('have the type and the options of their columns, and come in the order of the columns', () => {
    class BookSerializer extends ModelSerializer(Book, { fields: '__all__' }) {}
    expect(Object.entries(printed(BookSerializer))).toEqual([
      ['id', "new IntegerField({ label: 'ID', readOnly: true })"],
      ['title', 'new CharField({ maxLength: 200 })'],
      [
        'isbn',
        "new CharField({ label: 'ISBN', maxLength: 13, validators: [new UniqueValidator({ queryset: Book })] })",
      ],
      ['price', 'new DecimalField({ maxDigits: 8, decimalPlaces: 2 })'],
      ['published', 'new DateField({ allowNull: true, required: false })'],
      ['inPrint', "new BooleanField({ label: 'In print', required: false })"],
      ['pages', 'new IntegerField({ allowNull: true, required: false, minValue: 0, maxValue: 2147483647 })'],
      ['rating', 'new FloatField({ allowNull: true, required: false })'],
      [
        'language',
        "new ChoiceField({ choices: [['en', 'English'], ['fr', 'French'], ['de', 'German']], required: false })",
      ],
      [
        'metadata',
        "new JSONField({ style: { baseTemplate: 'textarea.html' }, required: false, validators: [refuseNullCharacters] })",
      ],
      ['created', 'new DateTimeField({ readOnly: true })'],
      ['publisher', 'new PrimaryKeyRelatedField({ allowNull: true, queryset: Publisher, required: false })'],
      ['owner', 'new PrimaryKeyRelatedField({ queryset: User })'],
      ['authors', 'new PrimaryKeyRelatedField({ many: true, queryset: Author, allowEmpty: false })'],
      ['tags', 'new PrimaryKeyRelatedField({ many: true, queryset: Tag, required: false })'],
    ]);
  });

  test('know what @field says of a text', () => {
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['website'] }) {}
    class TagSerializer extends ModelSerializer(Tag, { fields: ['slug'] }) {}
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['stars', 'text'] }) {}
    expect(printed(PublisherSerializer)).toEqual({
      website: 'new URLField({ required: false, allowBlank: true, maxLength: 200 })',
    });
    expect(printed(TagSerializer)).toEqual({
      slug: 'new SlugField({ maxLength: 50, validators: [new UniqueValidator({ queryset: Tag })] })',
    });
    expect(printed(ReviewSerializer)).toEqual({
      stars: 'new IntegerField({ minValue: 1, maxValue: 5 })',
      text: "new CharField({ style: { baseTemplate: 'textarea.html' }, required: false, allowBlank: true })",
    });
  });

  test('exist for the column types of PostgreSQL', () => {
    enum Size {
      Small = 'small',
      VeryLarge = 'very-large',
    }
    @Entity()
    class Sample {
      @PrimaryColumn({ type: 'uuid' })
      key!: string;
      @Column({ type: 'smallint' })
      small!: number;
      @Column({ type: 'bigint' })
      big!: string;
      @Column({ type: 'text', array: true })
      words!: string[];
      @Column({ type: 'enum', enum: Size })
      size!: Size;
      @Column({ type: 'inet', nullable: true })
      address!: string | null;
      @Column({ type: 'time' })
      opens!: string;
      @Column({ type: 'interval' })
      lasts!: unknown;
      @Column({ type: 'timestamptz', default: () => 'now()' })
      since!: Date;
      @Column({ type: 'numeric' })
      exact!: string;
      @Column({ type: 'point' })
      place!: unknown;
      @UpdateDateColumn({ type: 'timestamptz' })
      changed!: Date;
    }
    class SampleSerializer extends ModelSerializer(Sample, { fields: '__all__' }) {}
    expect(printed(SampleSerializer)).toEqual({
      key: 'new UUIDField({ validators: [new UniqueValidator({ queryset: Sample })] })',
      small: 'new IntegerField({ minValue: -32768, maxValue: 32767 })',
      big: 'new BigIntegerField({ minValue: -9223372036854775808n, maxValue: 9223372036854775807n })',
      words: 'new ListField({ child: new CharField(), allowEmpty: false })',
      size: "new ChoiceField({ choices: [['small', 'Small'], ['very-large', 'Very-large']] })",
      address: 'new IPAddressField({ allowNull: true, required: false })',
      opens: 'new TimeField()',
      lasts: 'new DurationField()',
      since: 'new DateTimeField({ required: false })',
      exact: 'new DecimalField({ maxDigits: null, decimalPlaces: null })',
      place: 'new ModelField()',
      changed: 'new DateTimeField({ readOnly: true })',
    });
  });

  test('take extraKwargs and readOnlyFields', () => {
    class BookSerializer extends ModelSerializer(Book, {
      fields: ['isbn', 'title', 'pages', 'price', 'owner'],
      readOnlyFields: ['isbn', 'owner'],
      extraKwargs: {
        title: { minLength: 2, maxLength: 10, helpText: 'Short title.' },
        pages: { writeOnly: true, required: true, allowNull: false },
        price: { default: '1.00', minValue: 1 },
      },
    }) {}
    expect(printed(BookSerializer)).toEqual({
      isbn: "new CharField({ label: 'ISBN', readOnly: true })",
      title: "new CharField({ maxLength: 10, minLength: 2, helpText: 'Short title.' })",
      pages:
        'new IntegerField({ allowNull: false, required: true, minValue: 0, maxValue: 2147483647, writeOnly: true })',
      price: "new DecimalField({ maxDigits: 8, decimalPlaces: 2, default: '1.00', minValue: 1 })",
      owner: 'new PrimaryKeyRelatedField({ readOnly: true })',
    });
  });

  test('of a property that is no column show what the getter or method gives', () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['headline', 'displayPrice'] }) {}
    expect(printed(BookSerializer)).toEqual({ headline: 'new ReadOnlyField()', displayPrice: 'new ReadOnlyField()' });
  });

  test('of a relation under depth are objects with all fields', () => {
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['id', 'book'], depth: 1 }) {}
    expect(String(new ReviewSerializer())).toContain('book = new NestedSerializer({ readOnly: true, many: false }):');
    expect(String(new ReviewSerializer())).toContain('authors = new PrimaryKeyRelatedField({ many: true');
  });
});

describe('sensitive columns', () => {
  test('are in no automatic field, but may be named', () => {
    @Entity()
    class Account {
      @PrimaryGeneratedColumn()
      id!: number;
      @Column({ type: 'varchar' })
      name!: string;
      @Column({ type: 'varchar' })
      password!: string;
      @sensitive
      @Column({ type: 'varchar' })
      recoveryCode!: string;
      @Column({ type: 'varchar', select: false })
      token!: string;
    }
    class AllSerializer extends ModelSerializer(Account, { fields: '__all__' }) {}
    class OthersSerializer extends ModelSerializer(Account, { exclude: ['id'] }) {}
    class NamedSerializer extends ModelSerializer(Account, { fields: ['recoveryCode', 'password'] }) {}
    expect(Object.keys(printed(AllSerializer))).toEqual(['id', 'name']);
    expect(Object.keys(printed(OthersSerializer))).toEqual(['name']);
    expect(Object.keys(printed(NamedSerializer))).toEqual(['recoveryCode', 'password']);
  });

  test('are not shown by depth either', () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['owner'], depth: 1 }) {}
    expect(String(new BookSerializer())).toContain('username');
    expect(String(new BookSerializer())).not.toContain('password');
  });
});

describe('unique constraints over several properties', () => {
  test('become a validator, and their fields required', () => {
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer', 'stars'] }) {}
    expect(printed(ReviewSerializer)).toMatchObject({
      book: 'new PrimaryKeyRelatedField({ queryset: Book, required: true })',
      validators: "[new UniqueTogetherValidator({ queryset: Review, fields: ['book', 'reviewer'] })]",
    });
  });

  test('do not concern a serializer that has only some of the properties', () => {
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['book', 'stars'] }) {}
    expect(printed(ReviewSerializer)).toEqual({
      book: 'new PrimaryKeyRelatedField({ queryset: Book })',
      stars: 'new IntegerField({ minValue: 1, maxValue: 5 })',
    });
  });

  test('give way to validators of the serializer', () => {
    const validators = [new UniqueTogetherValidator({ queryset: Review, fields: ['reviewer', 'book'] })];
    class OwnSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer'], validators }) {}
    class NoSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer'], validators: [] }) {}
    class ClassSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer'] }) {
      static override validators = [];
    }
    expect(OwnSerializer.validators).toBe(validators);
    expect(NoSerializer.validators).toEqual([]);
    expect(ClassSerializer.validators).toEqual([]);
  });

  test('leave columns optional that are nullable or have a default', () => {
    @Entity()
    @Unique(['shelf', 'position', 'floor'])
    @Index(['code'], { unique: true, where: 'retired = false' })
    class Place {
      @PrimaryGeneratedColumn()
      id!: number;
      @Column({ type: 'varchar' })
      shelf!: string;
      @Column({ type: 'integer', default: 1 })
      position!: number;
      @Column({ type: 'integer', nullable: true })
      floor!: number | null;
      @Column({ type: 'varchar' })
      code!: string;
      @Column({ type: 'boolean', default: false })
      retired!: boolean;
    }
    class PlaceSerializer extends ModelSerializer(Place, { fields: ['shelf', 'position', 'floor', 'code'] }) {}
    expect(printed(PlaceSerializer)).toMatchObject({
      shelf: 'new CharField({ required: true })',
      position: 'new IntegerField({ minValue: -2147483648, maxValue: 2147483647, default: new CreateOnlyDefault(1) })',
      floor:
        'new IntegerField({ allowNull: true, minValue: -2147483648, maxValue: 2147483647, default: new CreateOnlyDefault(null) })',
      code: 'new CharField()',
    });
  });
});

describe('hyperlinked serializers', () => {
  test('begin with the url and stand for related objects by URL', () => {
    class BookSerializer extends HyperlinkedModelSerializer(Book, { exclude: ['metadata', 'owner', 'tags'] }) {}
    const fields = printed(BookSerializer);
    expect(Object.keys(fields)[0]).toBe('url');
    expect(fields.url).toBe("new HyperlinkedIdentityField({ viewName: 'book-detail', readOnly: true, source: '*' })");
    expect(fields.publisher).toBe(
      "new HyperlinkedRelatedField({ allowNull: true, queryset: Publisher, required: false, viewName: 'publisher-detail' })",
    );
  });

  test('take the name of the URL from extraKwargs', () => {
    class TagSerializer extends HyperlinkedModelSerializer(Tag, {
      fields: ['url', 'label'],
      extraKwargs: { url: { viewName: 'label-detail', lookupField: 'slug' } },
    }) {}
    expect(printed(TagSerializer).url).toContain("viewName: 'label-detail'");
    expect(printed(TagSerializer).url).toContain("lookupField: 'slug'");
  });
});

describe('mistakes', () => {
  const compiled = (type: new () => Serializer) => () => String(new type());

  test('in the options are refused where they stand', () => {
    expect(() => ModelSerializer(Book, {})).toThrow(ImproperlyConfigured);
    expect(() => ModelSerializer(Book, {})).toThrow("either 'fields' or 'exclude' is needed");
    expect(() => ModelSerializer(Book, { fields: '__all__', exclude: ['id'] })).toThrow(
      "cannot set both 'fields' and 'exclude'",
    );
    expect(() => ModelSerializer(Book, { fields: 'title' as never })).toThrow("must be a list or '__all__'");
    expect(() => ModelSerializer(Book, { fields: ['book'], depth: 11 })).toThrow("'depth' must be a whole number");
    expect(() => ModelSerializer(undefined as never, { fields: [] })).toThrow('imported in a circle');
  });

  test('in names are refused when the class is compiled', () => {
    class UnknownSerializer extends ModelSerializer(Book, { fields: ['titel'] }) {}
    class ForgottenSerializer extends ModelSerializer(Book, { fields: ['title'] }) {
      extra = new CharField();
    }
    class ExcludedSerializer extends ModelSerializer(Book, { exclude: ['titel'] }) {}
    class BothSerializer extends ModelSerializer(Book, { exclude: ['pages'] }) {
      pages = new IntegerField();
    }
    expect(compiled(UnknownSerializer)).toThrow(
      'Field name `titel` is not valid for entity `Book` in `UnknownSerializer`.',
    );
    expect(compiled(ForgottenSerializer)).toThrow(
      "The field 'extra' was declared on serializer ForgottenSerializer, but has not been included in the 'fields' option.",
    );
    expect(compiled(ExcludedSerializer)).toThrow(
      "The field 'titel' was included on serializer ExcludedSerializer in the 'exclude' option, but does not match any property of Book.",
    );
    expect(compiled(BothSerializer)).toThrow("Cannot both declare the field 'pages' and include it");
  });

  test('in the entity are told apart from mistakes in the serializer', () => {
    class Plain {
      id!: number;
    }
    class PlainSerializer extends ModelSerializer(Plain, { fields: ['id'] }) {}
    expect(compiled(PlainSerializer)).toThrow('Plain is no entity: it has no columns.');
  });
});

test('a field for a type without one takes and gives the value as it is', async () => {
  @Entity()
  class Spot {
    @PrimaryGeneratedColumn()
    id!: number;
    @field({ helpText: 'Where it is.' })
    @Column({ type: 'point' })
    place!: unknown;
  }
  class SpotSerializer extends ModelSerializer(Spot, { fields: ['place'] }) {}
  const serializer = new SpotSerializer({ data: { place: { x: 1, y: 2 } } });
  expect(await serializer.isValid()).toBe(true);
  expect(serializer.validatedData).toEqual({ place: { x: 1, y: 2 } });
});

test('an entity stands for itself in the name of a user model', () => {
  class UserSerializer extends ModelSerializer(User, { fields: ['id', 'username'] }) {}
  expect(UserSerializer.entity).toBe(User);
});
