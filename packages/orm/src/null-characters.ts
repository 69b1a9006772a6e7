import { ValidationError } from '@rf/exceptions';

/** A validator for `jsonb`, which holds any text but U+0000. */
export function refuseNullCharacters(value: unknown): void {
  if (holdsNullCharacter(value)) {
    throw new ValidationError('Null characters are not allowed.', 'null_characters_not_allowed');
  }
}

function holdsNullCharacter(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null) return false;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.some(([key, item]) => holdsNullCharacter(key) || holdsNullCharacter(item));
}
