import { NotFound, ValidationError } from '@rf/exceptions';
import { getObjectOr404, ListCreateAPIView, RetrieveUpdateAPIView } from '@rf/generics';
import {
  db,
  ModelSerializer,
  SlugRelatedField,
  UniqueForDateValidator,
  UniqueForMonthValidator,
  UniqueForYearValidator,
  UniqueTogetherValidator,
  UniqueValidator,
} from '@rf/orm';
import {
  BooleanField,
  CharField,
  CreateOnlyDefault,
  DateField,
  DictField,
  FloatField,
  HiddenField,
  IntegerField,
  JSONField,
  ListField,
  MultipleChoiceField,
  RegexField,
  Serializer,
} from '@rf/serializers';
import { APIView, MultiValueDict, path, type Params, type Request, type UrlEntry } from '@rf/views';
import type { EntityManager } from 'typeorm';
import { plain } from './echo.ts';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';
import { PublisherSerializer } from './serializers-shared.ts';

class ArgumentsSerializer extends Serializer {
  readOnly = new CharField({ readOnly: true });
  readDefault = new IntegerField({ readOnly: true, default: 3 });
  writeOnly = new CharField({ writeOnly: true });
  required = new CharField();
  optional = new CharField({ required: false });
  defaulted = new CharField({ default: 'fallback' });
  defaultedCall = new ListField({ default: () => [] });
  nullable = new CharField({ allowNull: true });
  optionalNull = new IntegerField({ required: false, allowNull: true });
  nullDefault = new IntegerField({ default: null, allowNull: true });
  blankable = new CharField({ allowBlank: true });
  renamed = new CharField({ source: 'internalName' });
  hidden = new HiddenField({ default: 'from-the-server' });
  createOnly = new CharField({ default: new CreateOnlyDefault('new') });
}

class PositionSerializer extends Serializer {
  lat = new FloatField({ minValue: -90, maxValue: 90 });
  lon = new FloatField({ minValue: -180, maxValue: 180 });
}

class DottedSerializer extends Serializer {
  city = new CharField({ source: 'address.city' });
  zip = new RegexField({ regex: /^\d{5}$/, source: 'address.zip', required: false });
  country = new CharField({ source: 'address.country.code', default: 'DE' });
  position = new PositionSerializer({ source: '*' });
}

function isEven(value: number): void {
  if (value % 2 !== 0) throw new ValidationError('This number is odd.', 'odd');
}

function isSmall(value: number): void {
  if (value > 100) throw new ValidationError('This number is too big.');
}

function totalIsNotThirteen(attrs: { start?: number; end?: number }): void {
  if ((attrs.start ?? 0) + (attrs.end ?? 0) === 13) throw new ValidationError('The total may not be thirteen.');
}

class RulesSerializer extends Serializer {
  static override validators = [totalIsNotThirteen];

  title = new CharField({ minLength: 3, maxLength: 10 });
  start = new IntegerField();
  end = new IntegerField();
  even = new IntegerField({ required: false, validators: [isEven, isSmall] });
  password = new CharField({ writeOnly: true, required: false });

  validateTitle(value: string): string {
    const lower = value.toLowerCase();
    if (lower.includes('forbidden')) throw new ValidationError('This title is forbidden.');
    if (lower === 'twice') throw new ValidationError(['First reason.', 'Second reason.']);
    return value.toUpperCase();
  }

  validateStart(value: number): number {
    if (value < 0) throw new ValidationError('Negative start.', 'negative');
    return value;
  }

  override validate(attrs: any): any {
    const { start, end } = attrs;
    if (start !== undefined && end !== undefined && start > end) {
      throw new ValidationError('The end must not be before the start.');
    }
    if (start === 50) throw new ValidationError({ start: 'Fifty is reserved.' });
    if (start === 51) throw new ValidationError({ start: ['A.', 'B.'], extra: { deep: 'C.' } });
    if (start === 52) throw new ValidationError(['List one.', 'List two.']);
    return start === undefined || end === undefined ? attrs : { ...attrs, length: end - start };
  }
}

class LineSerializer extends Serializer {
  isbn = new CharField({ maxLength: 13 });
  quantity = new IntegerField({ minValue: 1, default: 1 });
}

class AddressSerializer extends Serializer {
  street = new CharField();
  city = new CharField({ maxLength: 10 });

  override validate(attrs: any): any {
    if (attrs.city === 'Atlantis') throw new ValidationError('No delivery to Atlantis.');
    return attrs;
  }
}

class OrderSerializer extends Serializer {
  customer = new CharField();
  address = new AddressSerializer();
  billing = new AddressSerializer({ required: false, allowNull: true });
  lines = new LineSerializer({ many: true, allowEmpty: false });
  gifts = new LineSerializer({ many: true, required: false, maxLength: 2 });
  labels = new DictField({ child: new CharField({ maxLength: 5 }), required: false });
}

class FormSerializer extends Serializer {
  title = new CharField();
  subtitle = new CharField({ required: false });
  motto = new CharField({ allowBlank: true, required: false });
  note = new CharField({ allowNull: true, required: false });
  agreed = new BooleanField();
  newsletter = new BooleanField({ required: false });
  gift = new BooleanField({ allowNull: true, required: false });
  copies = new IntegerField({ default: 1 });
  discount = new IntegerField({ allowNull: true, required: false });
  scores = new ListField({ child: new IntegerField(), required: false });
  genres = new MultipleChoiceField({ choices: ['a', 'b', 'c'], required: false });
  tags = new SlugRelatedField({ slugField: 'slug', queryset: Tag, many: true, required: false });
  address = new AddressSerializer({ required: false });
  lines = new LineSerializer({ many: true, required: false });
  labels = new DictField({ child: new CharField(), required: false });
  extra = new JSONField({ required: false });
}

class UniqueSerializer extends Serializer {
  isbn = new CharField({ required: false, validators: [new UniqueValidator({ queryset: Book })] });
  publisher = new CharField({
    source: 'name',
    required: false,
    validators: [new UniqueValidator({ queryset: Publisher, lookup: 'iexact', message: 'Publisher name taken.' })],
  });
  livingTag = new CharField({
    source: 'slug',
    required: false,
    validators: [
      new UniqueValidator({
        queryset: (manager: EntityManager) => manager.getRepository(Tag).createQueryBuilder('tag').where('tag.id > 2'),
      }),
    ],
  });
}

class ReviewPairSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer', 'stars', 'text'] }) {}

class ReviewCustomPairSerializer extends ModelSerializer(Review, {
  fields: ['book', 'reviewer', 'stars'],
  validators: [
    new UniqueTogetherValidator({
      queryset: Review,
      fields: ['reviewer', 'book'],
      message: 'Already reviewed ({field_names}).',
    }),
  ],
}) {}

class ReviewNoPairSerializer extends ModelSerializer(Review, {
  fields: ['book', 'reviewer', 'stars'],
  validators: [],
}) {}

const DATED = { queryset: Book, field: 'title', dateField: 'published' };

class UniqueForDateSerializer extends Serializer {
  static override validators = [new UniqueForDateValidator(DATED)];
  title = new CharField();
  published = new DateField();
}

class UniqueForMonthSerializer extends Serializer {
  static override validators = [new UniqueForMonthValidator(DATED)];
  title = new CharField();
  published = new DateField();
}

class UniqueForYearSerializer extends Serializer {
  static override validators = [new UniqueForYearValidator(DATED)];
  title = new CharField();
  published = new DateField();
}

class BookAllSerializer extends ModelSerializer(Book, { fields: '__all__' }) {}

class BookExcludeSerializer extends ModelSerializer(Book, { exclude: ['metadata', 'owner', 'authors', 'tags'] }) {}

class BookExtraSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'pages', 'language', 'inPrint', 'publisher'],
  readOnlyFields: ['isbn', 'publisher'],
  extraKwargs: {
    title: { minLength: 2, maxLength: 10, helpText: 'Short title.' },
    price: { default: '1.00', minValue: 1 },
    pages: { writeOnly: true, required: true, allowNull: false },
    language: { default: 'fr' },
  },
}) {}

type AnySerializer = new (options?: any) => any;

const SERIALIZERS: Record<string, AnySerializer> = {
  arguments: ArgumentsSerializer,
  dotted: DottedSerializer,
  rules: RulesSerializer,
  line: LineSerializer,
  address: AddressSerializer,
  order: OrderSerializer,
  form: FormSerializer,
  unique: UniqueSerializer,
  'review-pair': ReviewPairSerializer,
  'review-custom-pair': ReviewCustomPairSerializer,
  'review-no-pair': ReviewNoPairSerializer,
  'unique-for-date': UniqueForDateSerializer,
  'unique-for-month': UniqueForMonthSerializer,
  'unique-for-year': UniqueForYearSerializer,
  'book-all': BookAllSerializer,
  'book-exclude': BookExcludeSerializer,
  'book-extra': BookExtraSerializer,
  publisher: PublisherSerializer,
};

const LISTS: Record<string, [AnySerializer, object]> = {
  lines: [LineSerializer, {}],
  'lines-nonempty': [LineSerializer, { allowEmpty: false }],
  'lines-limits': [LineSerializer, { minLength: 2, maxLength: 3 }],
  addresses: [AddressSerializer, {}],
};

const AGAINST: Record<string, new () => object> = {
  'review-pair': Review,
  'review-custom-pair': Review,
  'book-all': Book,
  'book-extra': Book,
  publisher: Publisher,
};

function known<T>(table: Record<string, T>, name = ''): T {
  if (!Object.hasOwn(table, name)) throw new NotFound();
  return table[name] as T;
}

class Validate extends APIView {
  override description = 'Validates and shows both the validated data and its representation.';

  async #validate(request: Request, params: Params): Promise<unknown> {
    const Class = known(SERIALIZERS, params.name);
    const serializer = new Class({ data: request.data, partial: request.method === 'PATCH', context: { request } });
    await serializer.isValid({ raise: true });
    return { validated: plain(serializer.validatedData) };
  }

  override post(request: Request, params: Params): unknown {
    return this.#validate(request, params);
  }
  override patch(request: Request, params: Params): unknown {
    return this.#validate(request, params);
  }
}

class Represent extends APIView {
  override description = 'Validates and shows the representation of what was validated.';

  async #represent(request: Request, params: Params): Promise<unknown> {
    const Class = known(SERIALIZERS, params.name);
    const serializer = new Class({ data: request.data, partial: request.method === 'PATCH', context: { request } });
    await serializer.isValid({ raise: true });
    return serializer.data;
  }

  override post(request: Request, params: Params): unknown {
    return this.#represent(request, params);
  }
  override patch(request: Request, params: Params): unknown {
    return this.#represent(request, params);
  }
}

class ValidateAgainst extends APIView {
  override description = 'Validates against an existing object, without saving.';

  async #validate(request: Request, params: Params): Promise<unknown> {
    const Class = known(SERIALIZERS, params.name);
    const Entity = known(AGAINST, params.name);
    const manager = db(request);
    const queryset = manager.createQueryBuilder(Entity, 'root');
    for (const { propertyName } of manager.connection.getMetadata(Entity).relations) {
      queryset.leftJoinAndSelect(`root.${propertyName}`, propertyName);
    }
    const instance = await getObjectOr404(queryset, { id: params.pk });
    const partial = request.method === 'PATCH';
    const serializer = new Class({ instance, data: request.data, partial, context: { request } });
    await serializer.isValid({ raise: true });
    return { validated: plain(serializer.validatedData) };
  }

  override put(request: Request, params: Params): unknown {
    return this.#validate(request, params);
  }
  override patch(request: Request, params: Params): unknown {
    return this.#validate(request, params);
  }
}

class ValidateList extends APIView {
  override async post(request: Request, params: Params): Promise<unknown> {
    const [Class, options] = known(LISTS, params.name);
    const serializer = new Class({ many: true, data: request.data, context: { request }, ...options });
    await serializer.isValid({ raise: true });
    return { validated: plain(serializer.validatedData) };
  }
}

class BulkTagSerializer extends ModelSerializer(Tag, { fields: ['id', 'slug', 'label'] }) {}

class BulkTag extends ListCreateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = BulkTagSerializer;

  override getSerializer(options: any = {}): any {
    return super.getSerializer(Array.isArray(options.data) ? { ...options, many: true } : options);
  }
}

class BookAll extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookAllSerializer;
}

class BookAllDetail extends RetrieveUpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookAllSerializer;
}

class ShoutingAuthorSerializer extends ModelSerializer(Author, { fields: ['name', 'born'] }) {
  override async toRepresentation(author: any): Promise<any> {
    const shown = (await super.toRepresentation(author)) as { name: string };
    return { ...shown, name: shown.name.toUpperCase() };
  }

  override toInternalValue(data: any): any {
    const given = data instanceof MultiValueDict ? Object.fromEntries(data.entries()) : data;
    if (given === null || typeof given !== 'object' || !('fullName' in given)) return super.toInternalValue(data);
    return super.toInternalValue({ ...given, name: given.fullName });
  }
}

class AuthorInline extends RetrieveUpdateAPIView<Author> {
  override description = 'Serializer whose output is changed by to_representation and input by to_internal_value.';
  override queryset = Author;
  override serializerClass = ShoutingAuthorSerializer;
}

export { AddressSerializer, LineSerializer };

export const serializerUrls: UrlEntry[] = [
  path('/serializers/validate/:name/', Validate),
  path('/serializers/represent/:name/', Represent),
  path('/serializers/validate-against/:name/:pk/', ValidateAgainst),
  path('/serializers/validate-list/:name/', ValidateList),
  path('/serializers/bulk-tags/', BulkTag),
  path('/serializers/book-all/', BookAll),
  path('/serializers/book-all/:pk/', BookAllDetail),
  path('/serializers/shouting-authors/:pk/', AuthorInline),
];
