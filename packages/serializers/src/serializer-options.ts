import type { FieldOptions } from './field-types.ts';
import type { SerializerContext } from './settings.ts';

/** Options of a serializer that stands inside another as a field. */
export interface NestedFieldOptions extends FieldOptions<never> {
  /** A list of objects instead of one. Default false. */
  readonly many?: boolean;
  /** With `many`: whether the list may be empty. Default true. */
  readonly allowEmpty?: boolean;
  /** With `many`: most items. */
  readonly maxLength?: number;
  /** With `many`: least items. */
  readonly minLength?: number;
}

/** Options of a serializer: those of its use, and those of a field when it stands inside another. */
export interface SerializerOptions extends NestedFieldOptions {
  /** The object to show or update; a list of them with `many`. */
  readonly instance?: unknown;
  /** Input to validate: parsed JSON, or form data. */
  readonly data?: unknown;
  /** A partial update: missing fields are skipped, defaults are not applied. Default false. */
  readonly partial?: boolean;
  /** What fields and hooks may ask for: `{ request, view, format }`. */
  readonly context?: SerializerContext;
}
