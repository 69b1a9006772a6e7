import { ErrorDetail } from '@rf/exceptions';
import { type Check, Field, type Parser, pass } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { codePointLength, numberText, pythonString, strip } from './python-text.ts';

/** Options of text fields. */
export interface CharFieldOptions extends FieldOptions<string> {
  /** Whether the empty text is a value. Default false. */
  readonly allowBlank?: boolean;
  /** Whether white space at both ends is taken away. Default true. */
  readonly trimWhitespace?: boolean;
  /** In code points. */
  readonly maxLength?: number;
  /** In code points. */
  readonly minLength?: number;
}

/** Text. Numbers are taken as text; booleans, lists and objects are not (row FI05). */
export class CharField<
  const Options extends CharFieldOptions = {},
  Names extends keyof CharFieldOptions = never,
> extends Field<string, string, string, Options, NamedOptions<CharFieldOptions, string, Names>, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Not a valid string.',
    blank: 'This field may not be blank.',
    max_length: 'Ensure this field has no more than {max_length} characters.',
    min_length: 'Ensure this field has at least {min_length} characters.',
  };
  static override initial: unknown = '';

  override get allowBlank(): boolean {
    return this.options.allowBlank === true;
  }

  get trimWhitespace(): boolean {
    return this.options.trimWhitespace !== false;
  }

  get maxLength(): number | null {
    return this.options.maxLength ?? null;
  }

  get minLength(): number | null {
    return this.options.minLength ?? null;
  }

  override intercept(data: unknown): unknown {
    if (typeof data !== 'string') return pass;
    if (data !== '' && !(this.trimWhitespace && strip(data) === '')) return pass;
    if (this.readOnly) return pass;
    return this.allowBlank ? '' : this.failure('blank');
  }

  override parse(data: unknown, _scope: unknown): string | Failure {
    if (typeof data === 'string') return this.trimWhitespace ? strip(data) : data;
    if (typeof data === 'number') return numberText(data);
    return typeof data === 'bigint' ? String(data) : this.failure('invalid');
  }

  override checks(): readonly Check<never>[] {
    const checks: Check<string>[] = [];
    const { maxLength, minLength } = this;
    if (maxLength !== null) {
      const error = new ErrorDetail(this.message('max_length', { max_length: maxLength }), 'max_length');
      checks.push((value) => (isLongerThan(value, maxLength) ? error : null));
    }
    if (minLength !== null) {
      const error = new ErrorDetail(this.message('min_length', { min_length: minLength }), 'min_length');
      checks.push((value) => (isShorterThan(value, minLength) ? error : null));
    }
    checks.push(refuseNullCharacters, refuseSurrogates);
    return checks;
  }

  override parser(): Parser {
    if (this.trimWhitespace) {
      return (value, scope) => (typeof value === 'string' ? strip(value) : this.parse(value, scope));
    }
    return (value, scope) => (typeof value === 'string' ? value : this.parse(value, scope));
  }

  override toRepresentation(value: unknown): string {
    return pythonString(value);
  }
}

function isLongerThan(value: string, limit: number): boolean {
  return value.length > limit && codePointLength(value) > limit;
}

function isShorterThan(value: string, limit: number): boolean {
  return value.length < limit || (value.length < limit * 2 && codePointLength(value) < limit);
}

const nullCharacters = new ErrorDetail('Null characters are not allowed.', 'null_characters_not_allowed');

function refuseNullCharacters(value: string): ErrorDetail | null {
  return value.includes('\0') ? nullCharacters : null;
}

/** With the `u` flag a whole pair is one character, so only halves match. */
const loneSurrogate = /[\ud800-\udfff]/u;

/** Half of a pair: JSON can say it, no database can store it. */
function refuseSurrogates(value: string): ErrorDetail | null {
  if (!loneSurrogate.test(value)) return null;
  const lone = loneSurrogate.exec(value)?.[0] ?? '';
  const code = lone.charCodeAt(0).toString(16).toUpperCase();
  return new ErrorDetail(`Surrogate characters are not allowed: U+${code}.`, 'surrogate_characters_not_allowed');
}
