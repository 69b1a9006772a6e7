/*
 * Runs field vectors: `npm run conformance:fields -- FILE` for a file in the format of `fields.README.md`.
 *
 * Every vector is run twice, through the compiled and through the interpreted form of the field.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { type Detail, mapDetail, ValidationError } from '@rf/exceptions';
import * as serializers from '@rf/serializers';
import {
  Decimal,
  Duration,
  empty,
  Failure,
  Field,
  Moment,
  presenterOf,
  runnerOf,
  SCOPE,
  Scope,
  Serializer,
  SkipField,
} from '@rf/serializers';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Kwargs = { [name: string]: Json };

interface FieldSpec {
  readonly $field: string;
  readonly kwargs?: Kwargs;
}

interface FieldClass {
  readonly name: string;
  readonly field: Json;
  readonly settings?: { readonly [name: string]: Json };
  readonly valid?: readonly (readonly [Json, Json])[];
  readonly invalid?: readonly (readonly [Json, Json, Json?])[];
  readonly outputs?: readonly (readonly [Json, Json])[];
}

interface FormVector {
  readonly name: string;
  readonly fields: { readonly [name: string]: Json };
  readonly input: string;
  readonly partial?: boolean;
  readonly validated?: Json;
  readonly errors?: Json;
}

interface VectorFile {
  readonly classes?: readonly FieldClass[];
  readonly forms?: readonly FormVector[];
}

/*
 * What the reference's types say and JavaScript's cannot. A vector with such a value is still run; only where it fails is
 * it excused, by the tags of its input and the class of the field, never by the value. `docs/drf-differences.md` lists
 * each row under "Field vectors".
 */
const EXCUSES: readonly Excuse[] = [
  { tags: ['whole $float'], reason: 'a floating-point number without a fraction is the same as an integer' },
  { tags: ['$date', '$time', '$uuid'], reason: 'dates, times of day and UUIDs are text' },
  { tags: ['$tuple'], reason: 'a tuple is a list' },
  { tags: ['$dict'], fields: ['JSONField'], reason: 'keys of JSON objects are text' },
  {
    tags: ['text'],
    kinds: ['output'],
    fields: ['DateField', 'TimeField'],
    reason: 'a stored date or time is text, so text is formatted as one where the reference leaves it alone',
  },
];

type Kind = 'valid' | 'invalid' | 'output' | 'form';

interface Excuse {
  /** Tags of the input; `whole $float` for finite ones without a fraction, `text` for plain text. */
  readonly tags: readonly string[];
  /** Default: all. */
  readonly kinds?: readonly Kind[];
  /** Default: all. */
  readonly fields?: readonly string[];
  readonly reason: string;
}

function excuseFor(kind: Kind, field: string, input: Json): Excuse | undefined {
  const tags = tagsIn(input);
  return EXCUSES.find(
    (row) =>
      row.tags.some((tag) => tags.has(tag)) &&
      (row.kinds === undefined || row.kinds.includes(kind)) &&
      (row.fields === undefined || row.fields.includes(field)),
  );
}

/** A mapping from tag to value, one row a tag. Plain JSON values stand for themselves. */
const TAGS: Readonly<Record<string, (value: Json, tagged: { readonly [key: string]: Json }) => unknown>> = {
  $int: (value) => narrowed(BigInt(value as string)),
  $float: (value) => Number(value),
  // A Decimal is always a number: what is none is handed over as the text that the reference makes of it.
  $decimal: (value) => Decimal.parse(value as string) ?? value,
  $datetime: (value, { zone }) => moment(value as string, (zone ?? 'UTC') as string),
  $date: (value) => value,
  $time: (value) => value,
  $duration: (value) => new Duration(BigInt(value as string)),
  $uuid: (value) => value,
  $bytes: (value) => new Uint8Array(Buffer.from(value as string, 'base64')),
  $regex: (value) => pattern(value as string),
  $tuple: (value) => (value as Json[]).map(decode),
  $set: (value) => new Set((value as Json[]).map(decode)),
  $dict: (value) => new Map((value as [Json, Json][]).map(([key, item]) => [decode(key), decode(item)])),
  $missing: () => empty,
  $zone: (value) => value,
  $file: (value) => new StoredFile(value as unknown as { name: string; size: number; url: string }),
  $field: (_value, spec) => makeField(spec as unknown as FieldSpec),
};

class StoredFile {
  readonly name: string;
  readonly size: number;
  readonly url: string;

  constructor({ name, size, url }: { readonly name: string; readonly size: number; readonly url: string }) {
    this.name = name;
    this.size = size;
    this.url = url;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.size);
  }
}

function narrowed(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function moment(text: string, zone: string): Moment {
  const hasOffset = /(?:Z|[+-]\d\d:\d\d(?::\d\d)?)$/.test(text);
  const read = Moment.read(hasOffset ? text : `${text}Z`, hasOffset ? zone : 'UTC');
  if (read === null) throw new Error(`Cannot read the moment ${text}.`);
  return hasOffset ? read : Moment.of(read, null);
}

/** A Python pattern. */
function pattern(source: string): RegExp {
  const flags = /^\(\?([aiLmsux]+)\)/.exec(source);
  const body = source
    .slice(flags?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '(?<![\\s\\S])')
    .replaceAll('\\Z', '(?![\\s\\S])');
  const wanted = (flags?.[1] ?? '').replace(/[^ims]/g, '');
  try {
    return new RegExp(body, `${wanted}u`);
  } catch {
    return new RegExp(body, wanted);
  }
}

function tagOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).find((key) => Object.hasOwn(TAGS, key));
}

function decode(value: Json): unknown {
  const tag = tagOf(value);
  if (tag !== undefined) {
    const tagged = value as { [key: string]: Json };
    return (TAGS[tag] as (value: Json, tagged: { [key: string]: Json }) => unknown)(tagged[tag] as Json, tagged);
  }
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]));
}

/** All tags inside a value; `text` for plain text. */
function tagsIn(value: Json, found: Set<string> = new Set()): Set<string> {
  const tag = tagOf(value);
  if (tag !== undefined) found.add(tag);
  if (tag === '$float' && Number.isInteger(Number((value as { $float: string }).$float))) found.add('whole $float');
  if (typeof value === 'string') found.add('text');
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) tagsIn(item as Json, found);
  }
  return found;
}

const camel = (name: string): string =>
  name.toLowerCase().replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** Arguments for which `None` is a value; elsewhere it means that nothing was given. */
const NULLABLE = new Set(['default', 'initial', 'format', 'max_digits', 'decimal_places']);

function makeField(spec: FieldSpec): Field {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(spec.kwargs ?? {})) {
    if (value === null && !NULLABLE.has(name)) continue;
    options[camel(name)] = argument(name, value);
  }
  const type = (serializers as unknown as Record<string, new (options: object) => Field>)[spec.$field];
  if (type === undefined) throw new Error(`There is no field ${spec.$field}.`);
  return new type(options);
}

function argument(name: string, value: Json): unknown {
  if (name === 'regex' && typeof value === 'string') return pattern(value);
  // Limits are shown in messages: 10.0 must not become 10.
  if ((name === 'min_value' || name === 'max_value') && tagOf(value) === '$float') {
    return Decimal.of((value as { $float: string }).$float);
  }
  return decode(value);
}

function scopeWith(settings: FieldClass['settings']): Scope {
  const given = Object.fromEntries(Object.entries(settings ?? {}).map(([name, value]) => [camel(name), value]));
  return new Serializer({ context: { settings: given } })[SCOPE];
}

/** The same value: sets without order, where the input had none. */
function isSame(actual: unknown, expected: unknown, isUnordered: boolean): boolean {
  if (actual instanceof Decimal && expected instanceof Decimal) return actual.equals(expected);
  if (actual instanceof Moment && expected instanceof Moment) {
    return actual.epochMicroseconds === expected.epochMicroseconds && actual.zone === expected.zone;
  }
  if (actual instanceof Duration && expected instanceof Duration) return actual.equals(expected);
  if (actual instanceof StoredFile && expected instanceof StoredFile)
    return isDeepStrictEqual({ ...actual }, { ...expected });
  if (actual instanceof Uint8Array && expected instanceof Uint8Array) return Buffer.compare(actual, expected) === 0;
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length) return false;
    if (isUnordered) return expected.every((item) => actual.some((other) => isSame(other, item, true)));
    return actual.every((item, at) => isSame(item, expected[at], isUnordered));
  }
  if (isPlain(actual) && isPlain(expected)) {
    const keys = Object.keys(expected);
    return (
      keys.length === Object.keys(actual).length &&
      keys.every((key) => Object.hasOwn(actual, key) && isSame(actual[key], expected[key], isUnordered))
    );
  }
  return isDeepStrictEqual(actual, expected);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** What a validation came to. */
type Outcome = { readonly value: unknown } | { readonly errors: Json; readonly codes: Json };

function refused(detail: Detail): Outcome {
  return {
    errors: mapDetail(detail, (error) => error.message) as Json,
    codes: mapDetail(detail, (error) => error.code) as Json,
  };
}

async function compiled(field: Field, input: unknown, scope: Scope): Promise<Outcome> {
  const outcome = await runnerOf(field, scope.settings)(input, scope);
  return outcome instanceof Failure ? refused(outcome.detail) : { value: outcome };
}

async function interpreted(field: Field, input: unknown, scope: Scope): Promise<Outcome> {
  try {
    return { value: await field.runValidation(input, scope) };
  } catch (error) {
    if (error instanceof ValidationError) return refused(error.detail);
    if (error instanceof SkipField) return { value: 'skipped' };
    throw error;
  }
}

const counts = { passed: 0, failed: 0, excused: 0 };

function report(kind: Kind, title: string, problem: string | null, field: string, input: Json): void {
  if (problem === null) {
    counts.passed += 1;
    return;
  }
  const excuse = excuseFor(kind, field, input);
  if (excuse === undefined) {
    counts.failed += 1;
    console.log(`FAILED   ${title}\n         ${problem}`);
  } else {
    counts.excused += 1;
    console.log(`excused  ${title}: ${excuse.reason}`);
  }
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`;
    return item instanceof Map || item instanceof Set ? [...item] : item;
  }) ?? String(value);

/** Runs a check in both forms of the field; null when both are right. */
async function checked(check: (run: typeof compiled) => Promise<string | null>): Promise<string | null> {
  for (const [name, run] of [
    ['compiled', compiled],
    ['interpreted', interpreted],
  ] as const) {
    let problem: string | null;
    try {
      problem = await check(run);
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (problem !== null) return `${name}: ${problem}`;
  }
  return null;
}

async function runClass(vectors: FieldClass): Promise<void> {
  const spec = vectors.field as unknown as FieldSpec;
  const field = makeField(spec);
  field.bind('v', vectors.name);
  const scope = scopeWith(vectors.settings);
  const title = (kind: Kind, input: Json): string => `${vectors.name} ${kind} ${JSON.stringify(input)?.slice(0, 120)}`;

  for (const [input, expected] of vectors.valid ?? []) {
    const problem = await checked(async (run) => {
      const outcome = await run(field, decode(input), scope);
      if ('errors' in outcome) return `refused with ${shown(outcome.errors)}`;
      const isUnordered = tagsIn(input).has('$set');
      return isSame(outcome.value, decode(expected), isUnordered)
        ? null
        : `expected ${shown(expected)}, got ${shown(outcome.value)}`;
    });
    report('valid', title('valid', input), problem, spec.$field, input);
  }
  for (const [input, messages, codes] of vectors.invalid ?? []) {
    const problem = await checked(async (run) => {
      const outcome = await run(field, decode(input), scope);
      if ('value' in outcome) return `accepted as ${shown(outcome.value)}`;
      const isRight =
        isDeepStrictEqual(outcome.errors, messages) && (codes === undefined || isDeepStrictEqual(outcome.codes, codes));
      return isRight ? null : `expected ${shown([messages, codes])}, got ${shown([outcome.errors, outcome.codes])}`;
    });
    report('invalid', title('invalid', input), problem, spec.$field, input);
  }
  for (const [input, expected] of vectors.outputs ?? []) {
    const problem = await checked(async (run) => {
      const value = decode(input);
      const representation: unknown = await (run === compiled
        ? presenterOf(field, scope.settings)(value, scope)
        : field.toRepresentation(value, scope));
      return isSame(representation, decode(expected), tagsIn(input).has('$set'))
        ? null
        : `expected ${shown(expected)}, got ${shown(representation)}`;
    });
    report('output', title('output', input), problem, spec.$field, input);
  }
}

/** Form data as the views hand it over. */
class Form {
  readonly #values = new Map<string, string[]>();

  constructor(encoded: string) {
    for (const [name, value] of new URLSearchParams(encoded)) {
      this.#values.set(name, [...this.getList(name), value]);
    }
  }

  getList(name: string): string[] {
    return this.#values.get(name) ?? [];
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }
}

async function runForm(vector: FormVector): Promise<void> {
  const problem = await checked(async (run) => {
    const fields = Object.fromEntries(
      Object.entries(vector.fields).map(([name, spec]) => [name, makeField(spec as unknown as FieldSpec)]),
    );
    const FormSerializer = Serializer.with(fields);
    const serializer = new FormSerializer({ data: new Form(vector.input), partial: vector.partial ?? false });
    let errors: Json = {};
    let validated: unknown = {};
    if (run === compiled) {
      await serializer.isValid();
      errors = mapDetail(serializer.errors, (error) => error.message) as Json;
      validated = serializer.validatedData;
    } else {
      try {
        validated = await serializers.interpretValidation(serializer, serializer.initialData);
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        errors = mapDetail(error.detail, (text) => text.message) as Json;
      }
    }
    if (vector.errors !== undefined) {
      return isDeepStrictEqual(errors, vector.errors)
        ? null
        : `expected ${shown(vector.errors)}, got ${shown(errors)} ${shown(validated)}`;
    }
    if (!isDeepStrictEqual(errors, {})) return `refused with ${shown(errors)}`;
    return isSame(validated, decode(vector.validated as Json), false)
      ? null
      : `expected ${shown(vector.validated)}, got ${shown(validated)}`;
  });
  const [spec] = Object.values(vector.fields);
  report(
    'form',
    `form ${vector.name}`,
    problem,
    (spec as unknown as FieldSpec | undefined)?.$field ?? '',
    vector.input,
  );
}

async function main(): Promise<void> {
  const [path] = process.argv.slice(2);
  if (path === undefined) throw new Error('Name a file: npm run conformance:fields -- FILE');
  const file = JSON.parse(readFileSync(path, 'utf8')) as VectorFile;
  for (const vectors of file.classes ?? []) {
    try {
      await runClass(vectors);
    } catch (error) {
      counts.failed += (vectors.valid?.length ?? 0) + (vectors.invalid?.length ?? 0) + (vectors.outputs?.length ?? 0);
      console.log(`FAILED   ${vectors.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const vector of file.forms ?? []) await runForm(vector);
  if (counts.excused > 0) console.log(`${counts.excused} excused`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

await main();
