import { Field, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { type FormInput, hasName, lastValue } from './html-form.ts';
import { readJSON } from './json-text.ts';
import { empty, Failure } from './outcome.ts';
import { numberText } from './python-text.ts';

/** Anything that JSON can say. An integer that a number cannot hold is a bigint. */
export type JSONValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JSONValue[]
  | { readonly [key: string]: JSONValue };

/** Options of JSONField. */
export interface JSONFieldOptions extends FieldOptions<never> {
  /** Whether input and output are JSON text. Default false. */
  readonly binary?: boolean;
  /** Writes JSON text. Throws for what it cannot write. */
  readonly encoder?: (value: unknown) => string;
  /** Reads JSON text, where input is one. Throws for what it cannot read. Default: `readJSON` with integers of 4,300 digits at most. */
  readonly decoder?: (text: string) => unknown;
}

/** Deeper values are refused: writing them back as JSON would overflow the stack. */
const MAX_DEPTH = 1000;

/** As Python has it. */
const MAX_INTEGER_LENGTH = 4300;

/** Text from a form, to be read as JSON. */
class JSONText {
  constructor(readonly text: string) {}
}

/** Any JSON value (row FI23). */
export class JSONField<const Options extends JSONFieldOptions = {}> extends Field<
  JSONValue,
  Options extends { readonly binary: true } ? Uint8Array : JSONValue,
  JSONValue,
  Options
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = { invalid: 'Value must be valid JSON.' };

  protected override getFormValue(form: FormInput): unknown {
    if (!hasName(form, this.fieldName)) return empty;
    const value = lastValue(form, this.fieldName);
    return typeof value === 'string' ? new JSONText(value) : value;
  }

  override parse(data: unknown, _scope: unknown): JSONValue | Failure {
    const { binary = false, decoder = strictParse, encoder } = this.options;
    try {
      if (binary || data instanceof JSONText) {
        const value = decoder(textOf(data));
        return isJSON(value) ? (value as JSONValue) : this.failure('invalid');
      }
      if (encoder !== undefined) encoder(data);
      else if (!isJSON(data)) return this.failure('invalid');
      return data as JSONValue;
    } catch {
      return this.failure('invalid');
    }
  }

  override toRepresentation(value: unknown): never {
    return (this.options.binary === true ? this.presenter()(value, undefined as never) : value) as never;
  }

  override presenter(): Presenter {
    const { binary = false, encoder = pythonJSON } = this.options;
    return binary ? (value) => new TextEncoder().encode(encoder(value)) : (value) => value;
  }
}

/** @throws TypeError for what is no text */
function textOf(data: unknown): string {
  if (data instanceof JSONText) return data.text;
  if (typeof data === 'string') return data;
  if (data instanceof Uint8Array) return new TextDecoder('utf-8', { fatal: true }).decode(data);
  throw new TypeError('JSON text is text.');
}

function strictParse(text: string): unknown {
  return readJSON(text, { maxIntegerLength: MAX_INTEGER_LENGTH });
}

/** True for what JSON can say, without recursion: input may be nested deeper than the stack is. */
function isJSON(root: unknown): boolean {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { value, depth } = item;
    if (depth > MAX_DEPTH) return false;
    if (typeof value === 'object' && value !== null) {
      const inner = innerValues(value);
      if (inner === null) return false;
      for (const child of inner) waiting.push({ value: child, depth: depth + 1 });
    } else if (!isScalar(value)) {
      return false;
    }
  }
  return true;
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !LONE_SURROGATE.test(value);
  return typeof value === 'boolean' || typeof value === 'bigint' || value === null;
}

/** Half of a pair: JSON can escape it, but neither UTF-8 nor a database can hold it. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/** The values inside a list or an object; null for objects of other kinds. */
function innerValues(value: object): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()].every(isScalar) ? [...value.values()] : null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return null;
  return Object.keys(value).every(isScalar) ? Object.values(value) : null;
}

/** JSON text as Python writes it: spaces after commas and colons, ASCII only. */
function pythonJSON(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? numberText(value) : 'null';
  if (typeof value === 'string') return asciiJSON(value);
  if (typeof value !== 'object' || value === null) return String(value ?? null);
  if (Array.isArray(value)) return `[${value.map(pythonJSON).join(', ')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${asciiJSON(String(key))}: ${pythonJSON(item)}`).join(', ')}}`;
}

function asciiJSON(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\uffff]/g, (character) =>
    character === '\x7f' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
