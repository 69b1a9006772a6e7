import { ValidationError } from '@rf/exceptions';
import {
  BigIntegerField,
  BooleanField,
  CharField,
  ChoiceField,
  DateField,
  DateTimeField,
  DecimalField,
  type Declared,
  DictField,
  DurationField,
  EmailField,
  Failure,
  FloatField,
  HiddenField,
  IntegerField,
  interpretRepresentation,
  interpretValidation,
  JSONField,
  ListField,
  MultipleChoiceField,
  ReadOnlyField,
  RelatedField,
  Serializer,
  SkipField,
  SlugField,
  TimeField,
  UUIDField,
} from '@rf/serializers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

/*
 * Random serializers and random data: the compiled form, which requests go through, answers what the interpreted form
 * answers, which is written to be read.
 */

/** Looks "objects" up later, as a database would. */
class LaterField extends RelatedField<{ key: string }, string, string> {
  override async find(data: unknown): Promise<{ key: string } | Failure> {
    return typeof data === 'string' ? { key: data } : this.failure('null');
  }

  override show(object: unknown): string {
    return String((object as { key?: unknown }).key ?? object);
  }
}

/** A field that overrides the methods a user would. */
class OddField extends IntegerField {
  override toInternalValue(data: unknown): number {
    if (data === 13) throw new SkipField();
    if (typeof data !== 'number') throw new ValidationError('Not odd.', 'odd');
    return data * 2 + 1;
  }

  override toRepresentation(value: unknown): number {
    return (Number(value) - 1) / 2;
  }
}

const refuseSeven = (value: unknown): void => {
  if (value === 7 || value === 'seven') throw new ValidationError('No sevens.', 'seven');
};
const refuseLater = async (value: unknown): Promise<void> => {
  if (value === 8) throw new ValidationError(['No eights.', 'None at all.'], 'eight');
};

const common = fc.record(
  {
    kind: fc.constantFrom('plain', 'optional', 'default', 'readOnly', 'writeOnly', 'nullable', 'optionalNull', 'hook'),
    source: fc.constantFrom(undefined, undefined, undefined, 'other', 'deep.er', 'deep.down.there', '*'),
    validators: fc.constantFrom(undefined, undefined, [refuseSeven], [refuseLater, refuseSeven]),
  },
  { requiredKeys: ['kind', 'source', 'validators'] },
);

type Common = typeof common extends fc.Arbitrary<infer T> ? T : never;

function optionsOf({ kind, source, validators }: Common): object {
  const options: Record<string, unknown> = {};
  if (kind === 'optional' || kind === 'optionalNull') options['required'] = false;
  if (kind === 'nullable' || kind === 'optionalNull') options['allowNull'] = true;
  if (kind === 'default') options['default'] = () => 7;
  if (kind === 'readOnly') Object.assign(options, { readOnly: true, default: 'shown' });
  if (kind === 'writeOnly') options['writeOnly'] = true;
  if (source !== undefined && source !== '*') options['source'] = source;
  if (validators !== undefined) options['validators'] = validators;
  return options;
}

/** Makes a new field each time: two serializers never share one. */
type MakeField = () => Declared;

const leaves: ((options: object) => Declared)[] = [
  (o) => new CharField({ maxLength: 4, ...o }),
  (o) => new CharField({ allowBlank: true, trimWhitespace: false, minLength: 2, ...o }),
  (o) => new IntegerField({ minValue: 0, maxValue: 100, ...o }),
  (o) => new BigIntegerField({ coerceToString: true, ...o }),
  (o) => new FloatField({ minValue: 0.5, ...o }),
  (o) => new DecimalField({ maxDigits: 4, decimalPlaces: 2, maxValue: 50, ...o }),
  (o) => new DecimalField({ maxDigits: null, decimalPlaces: null, ...o }),
  (o) => new BooleanField(o),
  (o) => new DateField(o),
  (o) => new DateTimeField({ defaultTimezone: 'Europe/Berlin', ...o }),
  (o) => new TimeField(o),
  (o) => new DurationField(o),
  (o) => new UUIDField(o),
  (o) => new EmailField(o),
  (o) => new SlugField(o),
  (o) => new ChoiceField({ choices: [1, 'two', ['three', 'Three']], ...o }),
  (o) => new MultipleChoiceField({ choices: [1, 2, 'x'], ...o }),
  (o) => new JSONField(o),
  (o) => new OddField(o),
  (o) => new LaterField(o),
  (o) => new LaterField({ many: true, ...o }),
  (o) => new ListField(o),
  (o) => new DictField(o),
];

const fieldArbitrary: fc.Memo<MakeField> = fc.memo((depth) => {
  const leaf = fc.tuple(fc.nat(leaves.length - 1), common).map(([at, given]): MakeField => {
    const make = leaves[at] as (options: object) => Declared;
    return () => make(optionsOf(given));
  });
  if (depth <= 1) return leaf;
  const child = leaf.map((make) => make);
  const list = fc.tuple(child, fc.boolean()).map(
    ([make, allowEmpty]): MakeField =>
      () =>
        new ListField({ child: withoutSource(make), allowEmpty, maxLength: 3 }),
  );
  const dict = child.map(
    (make): MakeField =>
      () =>
        new DictField({ child: withoutSource(make) }),
  );
  const nested = fc.tuple(classArbitrary(depth - 1), fc.boolean(), common).map(([Class, many, given]): MakeField => {
    const options = { ...optionsOf(given), validators: undefined, many, ...(many ? { maxLength: 3 } : {}) };
    return () => Class.nested(options);
  });
  return fc.oneof({ weight: 5, arbitrary: leaf }, list, dict, nested);
});

function withoutSource(make: MakeField): Declared {
  const field = make() as unknown as {
    options: Record<string, unknown>;
    constructor: new (options: object) => Declared;
  };
  const { source: _source, readOnly: _readOnly, default: _default, ...options } = field.options;
  return new field.constructor(options);
}

function classArbitrary(depth: number): fc.Arbitrary<typeof Serializer> {
  const names = ['a', 'b', 'c', 'd', 'constructor_', 'e'];
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 5 }),
      fc.array(fieldArbitrary(depth), { minLength: 6, maxLength: 6 }),
      fc.constantFrom('none', 'refuse', 'change', 'later'),
      fc.constantFrom<'ignore' | 'reject'>('ignore', 'ignore', 'reject'),
      fc.boolean(),
    )
    .map(([fieldNames, makers, validate, unknownFields, hasValidator]) => {
      const Base = Serializer.with({}) as unknown as typeof Serializer;
      return class Random extends Base {
        static override unknownFields = unknownFields;
        static override validators = hasValidator ? [refuseEmpty] : [];
        static override collectFields() {
          const fields = new Map<string, Declared>(fieldNames.map((name, at) => [name, (makers[at] as MakeField)()]));
          fields.set('hidden', new HiddenField({ default: 3 }));
          fields.set('shown', new ReadOnlyField({ source: 'other' }));
          return fields;
        }
        validateB(value: unknown) {
          if (value === 5) throw new ValidationError('No fives in b.', 'five');
          return value;
        }
        async validateC(value: unknown) {
          if (value === 6) throw new ValidationError({ six: ['No sixes in c.'] });
          return value;
        }
        override validate(attrs: Readonly<Record<string, unknown>>): unknown {
          if (validate === 'refuse' && attrs['a'] === 1) throw new ValidationError({ a: 'Not one.' });
          if (validate === 'later') return Promise.resolve({ ...attrs, later: true });
          return validate === 'change' ? { ...attrs, added: true } : attrs;
        }
      } as unknown as typeof Serializer;
    });
}

function refuseEmpty(attrs: object): void {
  if (Object.keys(attrs).length === 1) throw new ValidationError('Too little.', 'little');
}

const values = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    undefined,
    '',
    ' ',
    'a',
    ' ab ',
    'abcde',
    'seven',
    'two',
    'a@b.co',
    'x y',
    '1',
    '7',
    '1.0',
    '2.55',
    '1e3',
    '12345678901234567890',
    'true',
    'off',
    'null',
    '2024-02-29',
    '2024-02-30',
    '2024-02-29T10:20:30.123456Z',
    '2024-03-31T02:30:00',
    '10:20',
    '1 02:03:04',
    '825d7aeb-05a9-45b5-a5b7-05df87923cda',
    0,
    1,
    5,
    6,
    7,
    8,
    13,
    101,
    0.1,
    -1,
    true,
    false,
    [],
    {},
    [1, '2', 'x', null],
    ['a', 'b'],
    { a: 1, b: null },
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const data = fc.letrec<{ object: unknown; value: unknown }>((tie) => ({
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'constructor_', 'zzz', '__proto__'), tie('value'), {
    noNullPrototype: true,
    maxKeys: 6,
  }),
  value: fc.oneof(
    { maxDepth: 2 },
    { weight: 4, arbitrary: values },
    { weight: 1, arbitrary: tie('object') },
    { weight: 1, arbitrary: fc.array(tie('object'), { maxLength: 4 }) },
  ),
})).object;

/** What came out, in a form that compares. */
async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof ValidationError) return { detail: error.detail };
    if (error instanceof Error) return { error: error.message };
    throw error;
  }
}

describe('the compiled form of a serializer', () => {
  test('accepts, converts and refuses like the interpreted form', async () => {
    await fc.assert(
      fc.asyncProperty(classArbitrary(2), data, fc.boolean(), async (Class, input, partial) => {
        const compiled = new Class({ data: input, partial });
        const expected = await outcomeOf(() => interpretValidation(new Class({ data: input, partial }), input));
        const actual = await outcomeOf(async () => {
          await compiled.isValid({ raise: true });
          return compiled.validatedData;
        });
        expect(actual).toStrictEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('reads forms like the interpreted form', async () => {
    const names = fc.constantFrom(
      'a',
      'b',
      'c',
      'd',
      'e',
      'a[0]',
      'a[1]',
      'b.x',
      'b.a',
      'c[0]a',
      'c[1].b',
      'd[x]',
      'zzz',
    );
    const texts = fc.constantFrom('', ' ', 'a', '1', '7', 'on', 'null', 'two', '{"x":1}', '2024-02-29');
    await fc.assert(
      fc.asyncProperty(
        classArbitrary(2),
        fc.array(fc.tuple(names, texts), { maxLength: 8 }),
        fc.boolean(),
        async (Class, pairs, partial) => {
          const form = new Map<string, string[]>();
          for (const [name, value] of pairs) form.set(name, [...(form.get(name) ?? []), value]);
          const input = { getList: (name: string) => form.get(name) ?? [], keys: () => form.keys() };
          const compiled = new Class({ data: input, partial });
          const expected = await outcomeOf(() => interpretValidation(new Class({ data: input, partial }), input));
          const actual = await outcomeOf(async () => {
            await compiled.isValid({ raise: true });
            return compiled.validatedData;
          });
          expect(actual).toStrictEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('shows objects like the interpreted form', async () => {
    await fc.assert(
      fc.asyncProperty(classArbitrary(2), data, async (Class, input) => {
        const expected = await outcomeOf(() => interpretRepresentation(new Class(), input));
        const actual = await outcomeOf(() => new Class({ instance: input }).data);
        expect(actual).toStrictEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('shows again what it accepted', async () => {
    await fc.assert(
      fc.asyncProperty(classArbitrary(2), data, async (Class, input) => {
        const serializer = new Class({ data: input });
        if (!(await serializer.isValid())) return;
        const expected = await outcomeOf(() => interpretRepresentation(new Class(), serializer.validatedData));
        expect(await outcomeOf(() => serializer.data)).toStrictEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
