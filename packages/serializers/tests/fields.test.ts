import { ImproperlyConfigured } from '@rf/exceptions';
import { ValidationError } from '@rf/exceptions';
import {
  BigIntegerField,
  BooleanField,
  CharField,
  ChoiceField,
  DateField,
  DateTimeField,
  Decimal,
  DecimalField,
  type Declared,
  DictField,
  Duration,
  DurationField,
  EmailField,
  Field,
  FileField,
  type FileInput,
  FilePathField,
  FloatField,
  HStoreField,
  ImageField,
  IntegerField,
  IPAddressField,
  JSONField,
  ListField,
  Moment,
  MultipleChoiceField,
  ReadOnlyField,
  readJSON,
  RegexField,
  Serializer,
  SerializerMethodField,
  SlugField,
  TimeField,
  URLField,
  UUIDField,
  writeJSON,
} from '@rf/serializers';
import { describe, expect, test } from 'vitest';

/** A serializer of one field, `value`. */
function serializerOf(field: Declared): new (options?: object) => Serializer {
  return class OneField extends Serializer.with({ value: field as Field }) {} as never;
}

/** What a field makes of input: the value as JSON shows it, or its errors and their codes. */
async function read(field: Declared, value: unknown): Promise<unknown> {
  const serializer = new (serializerOf(field))({ data: { value } });
  if (await serializer.isValid()) return (serializer.validatedData as { value: unknown }).value;
  const { errors, errorCodes } = serializer;
  return JSON.parse(JSON.stringify({ errors: errors.value, codes: errorCodes.value }));
}

async function show(field: Declared, value: unknown): Promise<unknown> {
  return ((await new (serializerOf(field))({ instance: { value } }).data) as { value: unknown }).value;
}

const refused = (message: string, code = 'invalid') => ({ errors: [message], codes: [code] });

const inputText = (input: unknown): string => (typeof input === 'bigint' ? String(input) : JSON.stringify(input));

/** What goes in, and what becomes of it. */
type Case = readonly [field: Declared, input: unknown, result: unknown];

const cases: Readonly<Record<string, readonly Case[]>> = {
  'BooleanField (FI04)': [
    ...['t', 'Y', 'yes', 'TRUE', 'on', '1', 1, true].map((text): Case => [new BooleanField(), text, true]),
    ...['f', 'N', 'no', 'False', 'off', '0', 0, false].map((text): Case => [new BooleanField(), text, false]),
    ...['', 'null', null].map((text): Case => [new BooleanField({ allowNull: true }), text, null]),
    [new BooleanField(), 'maybe', refused('Must be a valid boolean.')],
    [new BooleanField(), [], refused('Must be a valid boolean.')],
    [new BooleanField(), null, refused('This field may not be null.', 'null')],
  ],
  'CharField (FI05)': [
    [new CharField(), ' Emma ', 'Emma'],
    [new CharField({ trimWhitespace: false }), ' Emma ', ' Emma '],
    [new CharField(), 7, '7'],
    [new CharField(), true, refused('Not a valid string.')],
    [new CharField(), ['x'], refused('Not a valid string.')],
    [new CharField(), '  ', refused('This field may not be blank.', 'blank')],
    [new CharField({ allowBlank: true }), '  ', ''],
    [
      new CharField({ maxLength: 3 }),
      'Emma',
      refused('Ensure this field has no more than 3 characters.', 'max_length'),
    ],
    [new CharField({ maxLength: 3 }), '\u{1f4da}\u{1f4da}\u{1f4da}', '\u{1f4da}\u{1f4da}\u{1f4da}'],
    [new CharField({ minLength: 2 }), 'E', refused('Ensure this field has at least 2 characters.', 'min_length')],
    [new CharField(), 'a\0b', refused('Null characters are not allowed.', 'null_characters_not_allowed')],
    [
      new CharField(),
      '\ud800',
      refused('Surrogate characters are not allowed: U+D800.', 'surrogate_characters_not_allowed'),
    ],
  ],
  'EmailField, RegexField, SlugField, URLField (FI06)': [
    [new EmailField(), 'jane@example.com', 'jane@example.com'],
    [new EmailField(), 'jane@', refused('Enter a valid email address.')],
    [new RegexField({ regex: /^[a-z]{2}\d$/ }), 'ab1', 'ab1'],
    [new RegexField({ regex: /^[a-z]{2}\d$/ }), 'ab', refused('This value does not match the required pattern.')],
    [new SlugField(), 'pride-and_prejudice', 'pride-and_prejudice'],
    [
      new SlugField(),
      'stolz & vorurteil',
      refused('Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'),
    ],
    [new SlugField({ allowUnicode: true }), 'übermut', 'übermut'],
    [new URLField(), 'https://example.com/a?b=c', 'https://example.com/a?b=c'],
    [new URLField(), 'example', refused('Enter a valid URL.')],
    [new URLField(), 'javascript:alert(1)', refused('Enter a valid URL.')],
  ],
  'UUIDField (FI07)': [
    [new UUIDField(), '825D7AEB05A945B5A5B705DF87923CDA', '825d7aeb-05a9-45b5-a5b7-05df87923cda'],
    [new UUIDField(), 'urn:uuid:825d7aeb-05a9-45b5-a5b7-05df87923cda', '825d7aeb-05a9-45b5-a5b7-05df87923cda'],
    [new UUIDField(), '825d7aeb', refused('Must be a valid UUID.')],
    [new UUIDField(), 5, '00000000-0000-0000-0000-000000000005'],
    [new UUIDField(), '٠'.repeat(31) + '٣', '00000000-0000-0000-0000-000000000003'],
    [new UUIDField(), 1e16, refused('Must be a valid UUID.')],
  ],
  'IPAddressField (FI08)': [
    [new IPAddressField(), '192.0.2.1', '192.0.2.1'],
    [new IPAddressField(), '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    [new IPAddressField({ protocol: 'IPv6' }), '::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    [new IPAddressField(), '10.0.0.256', refused('Enter a valid IPv4 or IPv6 address.')],
    [new IPAddressField({ protocol: 'IPv4' }), '2001:db8::1', refused('Enter a valid IPv4 address.')],
  ],
  'IntegerField and BigIntegerField (FI10, FI11)': [
    ...['1', 1, 1.0, '1.0'].map((value): Case => [new IntegerField(), value, 1]),
    ...['1.5', true, 'abc', '', [1]].map(
      (value): Case => [new IntegerField(), value, refused('A valid integer is required.')],
    ),
    [new IntegerField({ minValue: 1 }), 0, refused('Ensure this value is greater than or equal to 1.', 'min_value')],
    [new IntegerField({ maxValue: 3 }), 4, refused('Ensure this value is less than or equal to 3.', 'max_value')],
    [new IntegerField(), '1'.repeat(1001), refused('String value too large.', 'max_string_length')],
    [new BigIntegerField(), '9007199254740993', 9007199254740993n],
    [new BigIntegerField(), 'x', refused('A valid biginteger is required.')],
    ...['1_000', ' 1000\n', '١٠٠٠', '1000.'].map((text): Case => [new IntegerField(), text, 1000]),
    ...['1__0', '_1', '1e3', '7.٠', '7\x1c'].map(
      (text): Case => [new IntegerField(), text, refused('A valid integer is required.')],
    ),
    // A number this large is a floating-point one, whose text has an exponent; JSON's integers are bigints.
    ...[1e16, 1e300, -1e20].map((value): Case => [new IntegerField(), value, refused('A valid integer is required.')]),
    [new BigIntegerField(), 1e16, refused('A valid biginteger is required.')],
    [new BigIntegerField(), 10n ** 16n, 10n ** 16n],
    [new IntegerField(), 2 ** 53, 2n ** 53n],
  ],
  'FloatField (FI12)': [
    [new FloatField(), '1.5', 1.5],
    [new FloatField(), 'NaN', refused('A valid number is required.')],
    [new FloatField(), 'Infinity', refused('A valid number is required.')],
    [new FloatField({ maxValue: 2 }), 2.5, refused('Ensure this value is less than or equal to 2.', 'max_value')],
  ],
  'DecimalField (FI13)': [
    [new DecimalField({ maxDigits: 4, decimalPlaces: 2 }), '12.5', '12.50'],
    [
      new DecimalField({ maxDigits: 4, decimalPlaces: 2 }),
      '1234.5',
      refused('Ensure that there are no more than 4 digits in total.', 'max_digits'),
    ],
    [
      new DecimalField({ maxDigits: 4, decimalPlaces: 2 }),
      '1.234',
      refused('Ensure that there are no more than 2 decimal places.', 'max_decimal_places'),
    ],
    [
      new DecimalField({ maxDigits: 4, decimalPlaces: 2 }),
      '123',
      refused('Ensure that there are no more than 2 digits before the decimal point.', 'max_whole_digits'),
    ],
    [new DecimalField({ maxDigits: 4, decimalPlaces: 2 }), 'NaN', refused('A valid number is required.')],
    [new DecimalField({ maxDigits: 4, decimalPlaces: 2 }), '١_٢.٥\n', '12.50'],
    [new DecimalField({ maxDigits: null, decimalPlaces: null }), 1e16, '10000000000000000'],
  ],
  'DateTimeField, DateField, TimeField (FI14, FI15)': [
    [new DateTimeField(), '2026-01-31T08:15:00.123456+02:00', '2026-01-31T06:15:00.123456Z'],
    [new DateTimeField(), '2026-01-31 08:15', '2026-01-31T08:15:00Z'],
    [
      new DateTimeField(),
      'yesterday',
      refused(
        'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
      ),
    ],
    [new DateTimeField({ inputFormats: ['%d.%m.%Y %H:%M'] }), '31.01.2026 08:15', '2026-01-31T08:15:00Z'],
    [new DateTimeField({ inputFormats: ['%d.%m.%Y %H:%M'] }), '2١.1.٢٠٢٦ ٨:15', '2026-01-21T08:15:00Z'],
    [new DateTimeField(), '9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
    ...['9999-12-31T23:59:59-01:00', '0001-01-01T00:00:00+01:00'].map(
      (text): Case => [new DateTimeField(), text, refused('Datetime value out of range.', 'overflow')],
    ),
    // In the field's zone these are in range, in UTC they are not.
    [
      new DateTimeField({ defaultTimezone: 'America/New_York' }),
      '9999-12-31T23:59:59-01:00',
      refused('Datetime value out of range.', 'overflow'),
    ],
    [
      new DateTimeField({ defaultTimezone: 'America/New_York' }),
      '9999-12-31T23:59:59',
      refused('Invalid datetime for the timezone "America/New_York".', 'make_aware'),
    ],
    [new DateField(), '2026-02-28\n', '2026-02-28'],
    [new TimeField(), '08:15\n', '08:15:00'],
    [new DateField(), '2026-02-28', '2026-02-28'],
    [new DateField(), '2026-02-30', refused('Date has wrong format. Use one of these formats instead: YYYY-MM-DD.')],
    [new TimeField(), '08:15', '08:15:00'],
    [
      new TimeField(),
      '25:00',
      refused('Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]].'),
    ],
  ],
  'DurationField (FI16)': [
    [new DurationField(), '4 01:00:05', '4 01:00:05'],
    [new DurationField(), 'P4DT1H5S', '4 01:00:05'],
    [new DurationField(), 90, '00:01:30'],
    ...['90\n', '1:30\n', 'PT1M30S\n', '0 days 00:01:30\n'].map(
      (text): Case => [new DurationField(), text, '00:01:30'],
    ),
    [
      new DurationField(),
      '90\n\n',
      refused('Duration has wrong format. Use one of these formats instead: [DD] [HH:[MM:]]ss[.uuuuuu].'),
    ],
    [
      new DurationField(),
      'long',
      refused('Duration has wrong format. Use one of these formats instead: [DD] [HH:[MM:]]ss[.uuuuuu].'),
    ],
  ],
  'ChoiceField and MultipleChoiceField (FI17, FI18)': [
    [new ChoiceField({ choices: [1, 2] }), '1', 1],
    [
      new ChoiceField({
        choices: [
          ['en', 'English'],
          ['Others', [['fr', 'French']]],
        ],
      }),
      'fr',
      'fr',
    ],
    [new ChoiceField({ choices: ['a'] }), 'z', refused('"z" is not a valid choice.', 'invalid_choice')],
    [new ChoiceField({ choices: ['a'], allowBlank: true }), '', ''],
    [new MultipleChoiceField({ choices: ['a', 'b', 'c'] }), ['b', 'a', 'b'], ['b', 'a']],
    [
      new MultipleChoiceField({ choices: ['a'] }),
      'a',
      refused('Expected a list of items but got type "str".', 'not_a_list'),
    ],
    [
      new MultipleChoiceField({ choices: ['a'], allowEmpty: false }),
      [],
      refused('This selection may not be empty.', 'empty'),
    ],
    [new MultipleChoiceField({ choices: ['a'] }), ['z'], refused('"z" is not a valid choice.', 'invalid_choice')],
  ],
  'FileField and ImageField (FI19, FI20)': [
    [new FileField(), 'text', refused('The submitted data was not a file. Check the encoding type on the form.')],
    [new FileField(), null, refused('This field may not be null.', 'null')],
    [new ImageField(), 'text', refused('The submitted data was not a file. Check the encoding type on the form.')],
  ],
  'ListField and DictField (FI21, FI22)': [
    [new ListField({ child: new IntegerField() }), ['1', 2], [1, 2]],
    [
      new ListField({ child: new IntegerField() }),
      [1, 'x'],
      { errors: { 1: ['A valid integer is required.'] }, codes: { 1: ['invalid'] } },
    ],
    [new ListField(), 1e16, refused('Expected a list of items but got type "float".', 'not_a_list')],
    [new ListField(), 10n ** 16n, refused('Expected a list of items but got type "int".', 'not_a_list')],
    [new ListField(), 'ab', refused('Expected a list of items but got type "str".', 'not_a_list')],
    [new ListField(), {}, refused('Expected a list of items but got type "dict".', 'not_a_list')],
    [new ListField({ allowEmpty: false }), [], refused('This list may not be empty.', 'empty')],
    [new ListField({ maxLength: 1 }), [1, 2], refused('Ensure this field has no more than 1 elements.', 'max_length')],
    [new ListField({ minLength: 2 }), [1], refused('Ensure this field has at least 2 elements.', 'min_length')],
    [new DictField({ child: new IntegerField() }), { a: '1' }, { a: 1 }],
    [
      new DictField({ child: new IntegerField() }),
      { a: 'x' },
      { errors: { a: ['A valid integer is required.'] }, codes: { a: ['invalid'] } },
    ],
    [new DictField(), [], refused('Expected a dictionary of items but got type "list".', 'not_a_dict')],
    [new DictField({ allowEmpty: false }), {}, refused('This dictionary may not be empty.', 'empty')],
    [new HStoreField(), { a: 1, b: null }, { a: '1', b: null }],
  ],
  'JSONField (FI23)': [
    [new JSONField(), { a: [1, null] }, { a: [1, null] }],
    [new JSONField({ binary: true }), '{"a":1}', { a: 1 }],
    [new JSONField({ binary: true }), '{', refused('Value must be valid JSON.')],
    [
      new JSONField({ binary: true }),
      '[9007199254740993, "9007199254740993", 1e16]',
      [9007199254740993n, '9007199254740993', 1e16],
    ],
    [new JSONField(), '\ud800', refused('Value must be valid JSON.')],
    [new JSONField(), { '\udfff': 1 }, refused('Value must be valid JSON.')],
  ],
};

describe.each(Object.entries(cases))('%s', (_name, rows) => {
  test.each(rows.map(([field, input, result]) => [field.constructor.name, inputText(input), field, input, result]))(
    '%s reads %s',
    async (_type, _text, field, input, result) => {
      const found = await read(field as Declared, input);
      const isValue = found instanceof Decimal || found instanceof Moment || found instanceof Duration;
      expect(isValue ? await show(field as Declared, found) : found).toEqual(result);
    },
  );
});

describe('the pattern of a RegexField (FI06)', () => {
  const invalid = refused('This value does not match the required pattern.');

  test.each<[pattern: RegExp | string, text: string, result: unknown]>([
    [/\d{2}/, 'a12b', 'a12b'],
    ['^\\d{2}$', '12\n', invalid],
    ['^\\d{2}$', '١٢', invalid],
    ['^\\p{Nd}{2}$', '١٢', '١٢'],
    ['^\\w+$', 'é', invalid],
    ['^.$', '😀', '😀'],
    [/^a$/i, 'A', 'A'],
  ])('%s is searched for in %j as JavaScript reads it', async (regex, text, result) => {
    expect(await read(new RegexField({ regex, trimWhitespace: false }), text)).toEqual(result);
  });

  test.each<[pattern: RegExp | string, message: string]>([
    ['\\A\\d+', "\\A\\d+ is Python's syntax: write ^ for \\A."],
    [new RegExp('\\d+\\Z'), "\\d+\\Z is Python's syntax: write $ for \\Z."],
    ['(?P<year>\\d{4})', "(?P<year>\\d{4}) is Python's syntax: write (?<name>…) for (?P<name>…)."],
    ['(?i)a', "(?i)a is Python's syntax: give the flags to the expression: new RegExp('…', 'iu') for (?i)."],
    ['(', 'Invalid regular expression: /(/u: Unterminated group.'],
  ])('%s is refused with what to write', async (regex, message) => {
    const reading = read(new RegexField({ regex }), 'a');
    await expect(reading).rejects.toThrow(ImproperlyConfigured);
    await expect(reading).rejects.toThrow(`OneField.value (RegexField): ${message}`);
  });

  test('a backslash before the letter Z is none of Python', async () => {
    expect(await read(new RegexField({ regex: /^\\Z$/ }), '\\Z')).toBe('\\Z');
  });
});

describe('JSON text in a form (FI23)', () => {
  const formOf = (text: string) => ({ getList: () => [text], keys: () => ['value'] });

  test.each<[text: string, value: unknown]>([
    ['9007199254740993', 9007199254740993n],
    ['{"a": [-9007199254740993, 9007199254740991]}', { a: [-9007199254740993n, 9007199254740991] }],
    ['{"9007199254740993": "\\" 9007199254740993"}', { '9007199254740993': '" 9007199254740993' }],
    ['12345678901234567890.5', Number('12345678901234567890.5')],
    ['1e16', 1e16],
  ])('%s keeps its digits', async (text, value) => {
    const serializer = new (serializerOf(new JSONField()))({ data: formOf(text) });
    await serializer.isValid({ raise: true });
    expect(serializer.validatedData).toEqual({ value });
  });

  test('an integer keeps them wherever it stands', () => {
    for (let before = 0; before < 40; before += 1) {
      for (const digits of ['9007199254740993', '12345678901234567890']) {
        expect(readJSON(`${' '.repeat(before)}[12345,${digits}]`)).toEqual([12345, BigInt(digits)]);
        expect(readJSON(`${' '.repeat(before)}[${digits},123456789012345]`)).toEqual([BigInt(digits), 123456789012345]);
      }
    }
  });

  test('writeJSON writes what readJSON reads, and refuses what contains itself', () => {
    const text = '{"a":[9007199254740993,"integer:9007199254740993",1.5],"9007199254740993":null}';
    expect(writeJSON(readJSON(text))).toBe(text);
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => writeJSON(circle)).toThrow(TypeError);
  });

  test.each([
    ['a number that begins with zero', '012345678901234567890'],
    ['two numbers', '12345678901234567890 1'],
    ['an open string', '"9007199254740993'],
    ['an integer of more digits than Python reads', '9'.repeat(4301)],
  ])('%s is no JSON', async (_name, text) => {
    const serializer = new (serializerOf(new JSONField()))({ data: formOf(text) });
    expect(await serializer.isValid()).toBe(false);
    expect(String(serializer.errors.value)).toBe('Value must be valid JSON.');
  });
});

describe('files (FI19, FI20)', () => {
  const file = (name: string, bytes = new Uint8Array([1])): FileInput => ({
    name,
    size: bytes.length,
    bytes: () => bytes,
  });
  const png = Uint8Array.from(
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  );

  test('have a name of at most maxLength characters and are not empty', async () => {
    expect(await read(new FileField({ maxLength: 5 }), file('a.pdf'))).toMatchObject({ size: expect.any(Number) });
    expect(await read(new FileField({ maxLength: 5 }), file('book1.pdf'))).toEqual(
      refused('Ensure this filename has at most 5 characters (it has 9).', 'max_length'),
    );
    expect(await read(new FileField(), file('a.pdf', new Uint8Array()))).toEqual(
      refused('The submitted file is empty.', 'empty'),
    );
    expect(await read(new FileField({ allowEmptyFile: true }), file('a.pdf', new Uint8Array()))).toMatchObject({
      size: expect.any(Number),
    });
    expect(await read(new FileField(), file(''))).toEqual(refused('No filename could be determined.', 'no_name'));
  });

  test('are pictures where an ImageField wants one', async () => {
    expect(await read(new ImageField(), file('cover.png', png))).toMatchObject({ size: expect.any(Number) });
    expect(await read(new ImageField(), file('cover.png'))).toEqual(
      refused(
        'Upload a valid image. The file you uploaded was either not an image or a corrupted image.',
        'invalid_image',
      ),
    );
  });
});

describe('what fields show', () => {
  test.each([
    [new UUIDField({ format: 'hex' }), '825d7aeb-05a9-45b5-a5b7-05df87923cda', '825d7aeb05a945b5a5b705df87923cda'],
    [
      new UUIDField({ format: 'urn' }),
      '825d7aeb-05a9-45b5-a5b7-05df87923cda',
      'urn:uuid:825d7aeb-05a9-45b5-a5b7-05df87923cda',
    ],
    [new BigIntegerField({ coerceToString: true }), 9007199254740993n, '9007199254740993'],
    [new DecimalField({ maxDigits: 5, decimalPlaces: 2 }), '1.5', '1.50'],
    [new DecimalField({ maxDigits: 5, decimalPlaces: 2, normalizeOutput: true }), '1.50', '1.5'],
    [new DateTimeField(), new Date(Date.UTC(2026, 0, 31, 8)), '2026-01-31T08:00:00Z'],
    [new DateTimeField({ format: '%d.%m.%Y' }), new Date(Date.UTC(2026, 0, 31, 8)), '31.01.2026'],
    [new DurationField({ format: 'iso-8601' }), Duration.parse('4 01:00:05'), 'P4DT01H00M05S'],
    [new ChoiceField({ choices: [['en', 'English']] }), 'en', 'en'],
    [new ListField({ child: new CharField() }), [1, 2], ['1', '2']],
    [new ReadOnlyField(), { any: 'thing' }, { any: 'thing' }],
  ])('%# %o', async (field, value, shown) => {
    expect(await show(field as Declared, value)).toEqual(shown);
  });

  test.each([
    ['%d-%m-%Y %H:%M %Z', 'Europe/Berlin', '31-01-2026 09:00 CET'],
    ['%H:%M %Z %z', 'UTC', '08:00 UTC +0000'],
    ['%Z', 'Asia/Kathmandu', '+0545'],
    ['%Z', 'America/Sao_Paulo', '-03'],
    ['%-d.%-m. %_H %5Y %^a %#B %010j %Ey', 'UTC', '31.1.  8 02026 SAT JANUARY 0000000031 26'],
    ['%s', 'Europe/Berlin', '1769846400'],
    ['%Q %', 'UTC', '%Q %'],
  ])('the format %j in %s: %s', async (format, defaultTimezone, shown) => {
    const field = new DateTimeField({ format, defaultTimezone });
    expect(await show(field, new Date(Date.UTC(2026, 0, 31, 8)))).toBe(shown);
  });

  test('a method decides, by the name of the field (FI25)', async () => {
    class Person extends Serializer {
      shout = new SerializerMethodField<string>();
      getShout(person: { name: string }): string {
        return person.name.toUpperCase();
      }
    }
    expect(await new Person({ instance: { name: 'ada' } }).data).toEqual({ shout: 'ADA' });
  });
});

describe('fields of a folder (FI09)', () => {
  const field = new FilePathField({ path: import.meta.dirname, match: '^fields.*\\.ts$' });

  test('take its files', async () => {
    const file = `${import.meta.dirname}/fields.test.ts`;
    expect(await read(field, file)).toBe(file);
    expect(await read(field, '/etc/passwd')).toEqual(
      refused('"/etc/passwd" is not a valid path choice.', 'invalid_choice'),
    );
  });
});

describe('options of every field (FI01, FI02)', () => {
  const fail = (field: Declared) => () => new (serializerOf(field))({ data: {} }).isValid();

  test('contradictions are told when the class is compiled, with class and field', () => {
    expect(fail(new CharField({ readOnly: true, writeOnly: true }))).toThrow(/OneField.*value/s);
    expect(fail(new CharField({ readOnly: true, required: true } as never))).toThrow(/OneField.*value/s);
    expect(fail(new CharField({ required: true, default: 'x' } as never))).toThrow(/OneField.*value/s);
    expect(fail(new CharField({ source: 'value' }))).toThrow(/OneField.*value/s);
  });

  test('a default stands in for what is missing, not for null', async () => {
    const type = serializerOf(new IntegerField({ default: 7 }));
    const missing = new type({ data: {} });
    expect(await missing.isValid()).toBe(true);
    expect(missing.validatedData).toEqual({ value: 7 });
    expect(await read(new IntegerField({ default: 7 }), null)).toEqual(refused('This field may not be null.', 'null'));
  });

  test('errorMessages change texts and keep codes', async () => {
    const field = new IntegerField({ errorMessages: { invalid: 'A number, please.' } });
    expect(await read(field, 'x')).toEqual(refused('A number, please.'));
  });

  test('validators see the converted value and collect their errors (VA05)', async () => {
    const even = (value: number): void => {
      if (value % 2 !== 0) throw new ValidationError('Not even.', 'odd');
    };
    const small = async (value: number): Promise<void> => {
      if (value > 10) throw new ValidationError('Not small.', 'big');
    };
    const field = new IntegerField({ validators: [even, small] });
    expect(await read(field, '4')).toBe(4);
    expect(await read(field, '13')).toEqual({ errors: ['Not even.', 'Not small.'], codes: ['odd', 'big'] });
  });
});

describe('a field of one’s own (FI26)', () => {
  class ColorField extends Field<{ red: number }, string, string> {
    static override defaultErrorMessages = { invalid: 'Write rgb(r), not {input}.' };

    override toInternalValue(data: unknown): { red: number } {
      const match = /^rgb\((\d+)\)$/.exec(String(data));
      if (match === null) this.fail('invalid', { input: data });
      return { red: Number(match[1]) };
    }

    override toRepresentation(color: unknown): string {
      return `rgb(${(color as { red: number }).red})`;
    }
  }

  test('reads, refuses and shows', async () => {
    expect(await read(new ColorField(), 'rgb(7)')).toEqual({ red: 7 });
    expect(await read(new ColorField(), 'blue')).toEqual(refused('Write rgb(r), not blue.'));
    expect(await show(new ColorField(), { red: 7 })).toBe('rgb(7)');
    expect(await read(new ColorField(), undefined)).toEqual(refused('This field is required.', 'required'));
  });
});
