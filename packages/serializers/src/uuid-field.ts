import { ImproperlyConfigured } from '@rf/exceptions';
import { Field, type Presenter } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { asciiDigits, narrowed, pythonString, stripNumber } from './python-text.ts';

/** How a UUID is shown. */
export type UUIDFormat = 'hex_verbose' | 'hex' | 'int' | 'urn';

const FORMATS: readonly string[] = ['hex_verbose', 'hex', 'int', 'urn'];
const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const LIMIT = 1n << 128n;

/** Options of UUIDField. */
export interface UUIDFieldOptions extends FieldOptions<string> {
  /** How it is shown. Default `hex_verbose`: with hyphens. */
  readonly format?: UUIDFormat;
}

/** The hyphenated lower-case text of a UUID in any notation, or null. */
export function uuidText(value: unknown): string | null {
  if (typeof value === 'string') {
    if (CANONICAL.test(value)) return value;
    const digits = value
      .replaceAll('urn:', '')
      .replaceAll('uuid:', '')
      .replace(/^[{}]+/, '')
      .replace(/[{}]+$/, '')
      .replaceAll('-', '');
    return digits.length === 32 ? fromHex(digits) : null;
  }
  if (typeof value === 'boolean') return fromInteger(BigInt(value));
  if (typeof value === 'bigint') return fromInteger(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? fromInteger(BigInt(value)) : null;
}

/** Python reads these 32 characters as a number in base 16, with all that it allows in one. */
function fromHex(text: string): string | null {
  const digits = /^\+?(?:0x_?)?([0-9a-f]+(?:_[0-9a-f]+)*)$/i.exec(asciiDigits(stripNumber(text)))?.[1];
  return digits === undefined ? null : fromInteger(BigInt(`0x${digits.replaceAll('_', '')}`));
}

function fromInteger(value: bigint): string | null {
  if (value < 0n || value >= LIMIT) return null;
  const hex = value.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A UUID in any notation; validated data has it in lower case with hyphens (row FI07). */
export class UUIDField<
  const Options extends UUIDFieldOptions = {},
  Names extends keyof UUIDFieldOptions = never,
> extends Field<
  string,
  Options extends { readonly format: 'int' } ? bigint | number : string,
  string,
  Options,
  NamedOptions<UUIDFieldOptions & { readonly format?: Exclude<UUIDFormat, 'int'> }, string, Names>,
  Names
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = { invalid: 'Must be a valid UUID.' };

  get format(): UUIDFormat {
    return this.options.format ?? 'hex_verbose';
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (FORMATS.includes(this.format)) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (UUIDField): invalid format for uuid representation, ${String(this.format)}. ` +
        `Must be one of '${FORMATS.join("', '")}'.`,
    );
  }

  override parse(data: unknown, _scope: unknown): string | Failure {
    return uuidText(data) ?? this.failure('invalid');
  }

  override toRepresentation(value: unknown): never {
    return shown(value, this.format) as never;
  }

  override presenter(): Presenter {
    const { format } = this;
    return format === 'hex_verbose' ? pythonString : (value) => shown(value, format);
  }
}

function shown(value: unknown, format: UUIDFormat): string | number | bigint {
  if (format === 'hex_verbose') return pythonString(value);
  const text = uuidText(value);
  if (text === null) throw new TypeError(`Cannot show ${pythonString(value)} as a UUID.`);
  const hex = text.replaceAll('-', '');
  if (format === 'hex') return hex;
  return format === 'urn' ? `urn:uuid:${text}` : narrowed(BigInt(`0x${hex}`));
}
