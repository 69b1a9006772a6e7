import type { KeyObject } from 'node:crypto';
import { ValidationError } from '@rf/exceptions';
import { Field, type FieldOptions } from '@rf/serializers';
import { readPublicKey } from './public-key.ts';

/** Longer texts are no key that counts. */
const MAX_LENGTH = 8192;

/** A public key as it comes in: PEM text, or a JWK as an object or as text. */
export class PublicKeyField<const Options extends FieldOptions = {}> extends Field<
  KeyObject,
  never,
  string | object,
  Options
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Write a PEM text or a JWK.',
    max_length: 'Ensure this field has no more than {maxLength} characters.',
  };

  override toInternalValue(data: unknown): KeyObject {
    const text = typeof data === 'string' ? data : jwkText(data);
    if (text === null) this.fail('invalid');
    if (text.length > MAX_LENGTH) this.fail('max_length', { maxLength: MAX_LENGTH });
    try {
      return readPublicKey(text);
    } catch (error) {
      throw new ValidationError((error as Error).message, 'invalid');
    }
  }
}

/** The members of a JWK that make a key, as text; null for anything but an object. */
function jwkText(data: unknown): string | null {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return null;
  const members = Object.entries(data).filter(([, value]) => typeof value === 'string');
  return JSON.stringify(Object.fromEntries(members));
}
