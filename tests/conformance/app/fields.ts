import { NotFound } from '@rf/exceptions';
import { GenericAPIView } from '@rf/generics';
import { HyperlinkedRelatedField, PrimaryKeyRelatedField, SlugRelatedField } from '@rf/orm';
import {
  BigIntegerField,
  BooleanField,
  CharField,
  ChoiceField,
  DateField,
  DateTimeField,
  Decimal,
  DecimalField,
  DictField,
  Duration,
  DurationField,
  EmailField,
  type Field,
  FileField,
  FloatField,
  HStoreField,
  IntegerField,
  IPAddressField,
  JSONField,
  ListField,
  Moment,
  MultipleChoiceField,
  ReadOnlyField,
  RegexField,
  Serializer,
  SlugField,
  TimeField,
  URLField,
  UUIDField,
} from '@rf/serializers';
import { APIView, path, type Params, type Request, type UrlEntry } from '@rf/views';
import { Author, Tag } from './entities.ts';

export const QUALITIES = [
  ['poor', 'Poor quality'],
  ['medium', 'Medium quality'],
  ['good', 'Good quality'],
] as const;

export const GROUPED = [
  [
    'Paper',
    [
      ['hard', 'Hardback'],
      ['soft', 'Paperback'],
    ],
  ],
  ['audio', 'Audio book'],
] as const;

export class PointSerializer extends Serializer {
  x = new IntegerField();
  y = new IntegerField({ default: 0 });
}

const NUMBERED = [
  [1, 'One'],
  [2, 'Two'],
  [3, 'Three'],
] as const;

const HOUR = 3_600_000_000n;

const FIELDS: Record<string, () => Field<any, any, any> | Serializer> = {
  boolean: () => new BooleanField(),
  'boolean-nullable': () => new BooleanField({ allowNull: true }),
  char: () => new CharField(),
  'char-limits': () => new CharField({ minLength: 2, maxLength: 5 }),
  'char-blank': () => new CharField({ allowBlank: true }),
  'char-nullable': () => new CharField({ allowNull: true }),
  'char-blank-nullable': () => new CharField({ allowBlank: true, allowNull: true }),
  'char-untrimmed': () => new CharField({ trimWhitespace: false }),
  'char-optional': () => new CharField({ required: false }),
  'char-default': () => new CharField({ default: 'fallback' }),
  'char-initial': () => new CharField({ initial: 'start', label: 'The value', helpText: 'Say it.' }),
  'char-messages': () =>
    new CharField({
      maxLength: 3,
      errorMessages: {
        required: 'Give a value.',
        blank: 'Not blank.',
        null: 'Not null.',
        invalid: 'Not text.',
        max_length: 'At most {max_length}.',
      },
    }),
  email: () => new EmailField(),
  'email-limit': () => new EmailField({ maxLength: 20 }),
  regex: () => new RegexField({ regex: /^[A-Z]{2}-\d{3}$/ }),
  'regex-search': () => new RegexField({ regex: /[a-z][0-9]/ }),
  slug: () => new SlugField(),
  'slug-unicode': () => new SlugField({ allowUnicode: true }),
  url: () => new URLField(),
  uuid: () => new UUIDField(),
  'uuid-hex': () => new UUIDField({ format: 'hex' }),
  'uuid-urn': () => new UUIDField({ format: 'urn' }),
  ip: () => new IPAddressField(),
  ipv4: () => new IPAddressField({ protocol: 'IPv4' }),
  ipv6: () => new IPAddressField({ protocol: 'IPv6' }),
  integer: () => new IntegerField(),
  'integer-range': () => new IntegerField({ minValue: 1, maxValue: 10 }),
  'integer-nullable': () => new IntegerField({ allowNull: true }),
  'big-integer': () => new BigIntegerField(),
  'big-integer-string': () => new BigIntegerField({ coerceToString: true }),
  float: () => new FloatField(),
  'float-range': () => new FloatField({ minValue: 0.5, maxValue: 9.5 }),
  decimal: () => new DecimalField({ maxDigits: 6, decimalPlaces: 2 }),
  'decimal-number': () => new DecimalField({ maxDigits: 6, decimalPlaces: 2, coerceToString: false }),
  'decimal-range': () =>
    new DecimalField({ maxDigits: 6, decimalPlaces: 2, minValue: Decimal.of('0.01'), maxValue: Decimal.of('99.99') }),
  'decimal-nullable': () => new DecimalField({ maxDigits: 6, decimalPlaces: 2, allowNull: true }),
  'decimal-free': () => new DecimalField({ maxDigits: null, decimalPlaces: null }),
  'decimal-digits-only': () => new DecimalField({ maxDigits: 4, decimalPlaces: null }),
  'decimal-normalized': () => new DecimalField({ maxDigits: 6, decimalPlaces: 3, normalizeOutput: true }),
  datetime: () => new DateTimeField(),
  'datetime-nullable': () => new DateTimeField({ allowNull: true }),
  'datetime-berlin': () => new DateTimeField({ defaultTimezone: 'Europe/Berlin' }),
  'datetime-formats': () =>
    new DateTimeField({ format: '%Y/%m/%d %H:%M', inputFormats: ['iso-8601', '%d.%m.%Y %H:%M'] }),
  date: () => new DateField(),
  'date-formats': () => new DateField({ format: '%d/%m/%Y', inputFormats: ['%d/%m/%Y', '%d %b %Y'] }),
  time: () => new TimeField(),
  'time-formats': () => new TimeField({ format: '%H.%M', inputFormats: ['%H.%M', '%I:%M%p'] }),
  duration: () => new DurationField(),
  'duration-iso': () => new DurationField({ format: 'iso-8601' }),
  'duration-range': () => new DurationField({ minValue: new Duration(HOUR), maxValue: new Duration(48n * HOUR) }),
  choice: () => new ChoiceField({ choices: QUALITIES }),
  'choice-integer': () => new ChoiceField({ choices: NUMBERED }),
  'choice-list': () => new ChoiceField({ choices: ['red', 'green'] }),
  'choice-grouped': () => new ChoiceField({ choices: GROUPED }),
  'choice-blank': () => new ChoiceField({ choices: QUALITIES, allowBlank: true }),
  'choice-nullable': () => new ChoiceField({ choices: QUALITIES, allowNull: true }),
  'multiple-choice': () => new MultipleChoiceField({ choices: QUALITIES }),
  'multiple-choice-nonempty': () => new MultipleChoiceField({ choices: QUALITIES, allowEmpty: false }),
  'multiple-choice-integer': () => new MultipleChoiceField({ choices: [1, 2, 3] }),
  list: () => new ListField(),
  'list-integer': () => new ListField({ child: new IntegerField({ minValue: 0 }) }),
  'list-limits': () => new ListField({ child: new CharField(), minLength: 2, maxLength: 3 }),
  'list-nonempty': () => new ListField({ child: new CharField(), allowEmpty: false }),
  'list-nested': () => new ListField({ child: new ListField({ child: new IntegerField() }) }),
  'list-nullable-child': () => new ListField({ child: new IntegerField({ allowNull: true }) }),
  'list-date': () => new ListField({ child: new DateField() }),
  dict: () => new DictField(),
  'dict-char': () => new DictField({ child: new CharField({ maxLength: 4 }) }),
  'dict-nonempty': () => new DictField({ child: new IntegerField(), allowEmpty: false }),
  'dict-list': () => new DictField({ child: new ListField({ child: new IntegerField() }) }),
  hstore: () => new HStoreField(),
  json: () => new JSONField(),
  'json-nullable': () => new JSONField({ allowNull: true }),
  object: () => new PointSerializer(),
  'object-nullable': () => new PointSerializer({ allowNull: true }),
  objects: () => new PointSerializer({ many: true }),
  'objects-nonempty': () => new PointSerializer({ many: true, allowEmpty: false }),
  'objects-limits': () => new PointSerializer({ many: true, minLength: 1, maxLength: 2 }),
  'author-pk': () => new PrimaryKeyRelatedField({ queryset: Author }),
  'author-pk-nullable': () => new PrimaryKeyRelatedField({ queryset: Author, allowNull: true }),
  'author-pks': () => new PrimaryKeyRelatedField({ queryset: Author, many: true }),
  'author-pks-nonempty': () => new PrimaryKeyRelatedField({ queryset: Author, many: true, allowEmpty: false }),
  'author-link': () => new HyperlinkedRelatedField({ queryset: Author, viewName: 'author-detail' }),
  'tag-slug': () => new SlugRelatedField({ queryset: Tag, slugField: 'slug' }),
  'tag-slugs': () => new SlugRelatedField({ queryset: Tag, slugField: 'slug', many: true }),
  file: () => new FileField(),
  'file-limits': () => new FileField({ maxLength: 12, allowEmptyFile: true, useUrl: false }),
  'read-only': () => new CharField({ readOnly: true }),
  'write-only': () => new CharField({ writeOnly: true }),
};

type SerializerClass = new (options?: any) => any;

function serializerOf(make: () => unknown): SerializerClass {
  return class ValueSerializer extends Serializer {
    value = make() as CharField;
  };
}

const SERIALIZERS = new Map(Object.entries(FIELDS).map(([name, make]) => [name, serializerOf(make)]));

class Field_ extends GenericAPIView {
  override getSerializerClass(): SerializerClass {
    const found = SERIALIZERS.get(this.params.name ?? '');
    if (found === undefined) throw new NotFound();
    return found;
  }

  override get(): unknown {
    return this.getSerializer().data;
  }

  override async post(request: Request): Promise<unknown> {
    const serializer = this.getSerializer({ data: request.data });
    await serializer.isValid({ raise: true });
    return serializer.data;
  }

  override async patch(request: Request): Promise<unknown> {
    const serializer = this.getSerializer({ data: request.data, partial: true });
    await serializer.isValid({ raise: true });
    return { given: Object.keys(serializer.validatedData as object).sort() };
  }
}
Object.defineProperty(Field_, 'name', { value: 'Field' });

const MOMENT = '2024-03-04T05:06:07Z';
const SECOND = 1_000_000n;
const DAY = 24n * HOUR;

const OUTPUTS: Record<string, [() => Field<any, any, any>, unknown]> = {
  'decimal-rounded-down': [
    () => new DecimalField({ maxDigits: 6, decimalPlaces: 1, rounding: 'ROUND_DOWN' }),
    Decimal.of('1.29'),
  ],
  'decimal-rounded-half-up': [
    () => new DecimalField({ maxDigits: 6, decimalPlaces: 1, rounding: 'ROUND_HALF_UP' }),
    Decimal.of('1.25'),
  ],
  'decimal-rounded': [() => new DecimalField({ maxDigits: 6, decimalPlaces: 1 }), Decimal.of('1.25')],
  'decimal-padded': [() => new DecimalField({ maxDigits: 6, decimalPlaces: 3 }), Decimal.of('2')],
  'decimal-null': [() => new DecimalField({ maxDigits: 6, decimalPlaces: 3 }), null],
  'char-from-integer': [() => new CharField(), 7],
  'integer-from-string': [() => new IntegerField(), '12'],
  'boolean-from-string': [() => new BooleanField(), 'off'],
  'boolean-from-other': [() => new BooleanField(), 'other'],
  'choice-unknown': [() => new ChoiceField({ choices: QUALITIES }), 'stellar'],
  'multiple-choice-unknown': [() => new MultipleChoiceField({ choices: QUALITIES }), ['good', 'stellar', 'good']],
  'datetime-utc': [() => new DateTimeField(), new Date(MOMENT)],
  'datetime-micros': [() => new DateTimeField(), Moment.read('2024-03-04T05:06:07.000890Z')],
  'datetime-berlin-winter': [
    () => new DateTimeField({ defaultTimezone: 'Europe/Berlin' }),
    new Date('2024-01-15T12:00:00Z'),
  ],
  'datetime-berlin-summer': [
    () => new DateTimeField({ defaultTimezone: 'Europe/Berlin' }),
    new Date('2024-07-15T12:00:00Z'),
  ],
  'datetime-unformatted': [() => new DateTimeField({ format: null }), new Date(MOMENT)],
  'duration-days': [() => new DurationField(), new Duration(3n * DAY + 61n * SECOND)],
  'duration-micros': [() => new DurationField(), new Duration(1500n)],
  'duration-negative': [() => new DurationField(), new Duration(-SECOND)],
  'duration-iso-negative': [() => new DurationField({ format: 'iso-8601' }), new Duration(-DAY - 2n * HOUR)],
  'list-with-null': [() => new ListField({ child: new IntegerField() }), [1, null, '3']],
  'dict-with-null': [() => new DictField({ child: new CharField() }), { a: 1, b: null }],
  'time-midnight': [() => new TimeField(), '00:00:00'],
  'read-only-any': [() => new ReadOnlyField(), { any: ['thing', 1] }],
};

const OUTPUT_SERIALIZERS = new Map(Object.entries(OUTPUTS).map(([name, [make]]) => [name, serializerOf(make)]));

class FieldOutput extends APIView {
  override get(request: Request, { name = '' }: Params): unknown {
    const Class = OUTPUT_SERIALIZERS.get(name);
    if (Class === undefined) throw new NotFound();
    const [, value] = OUTPUTS[name] as [unknown, unknown];
    return new Class({ instance: { value }, context: { request } }).data;
  }
}

export const fieldUrls: UrlEntry[] = [path('/fields/:name/', Field_), path('/field-outputs/:name/', FieldOutput)];
