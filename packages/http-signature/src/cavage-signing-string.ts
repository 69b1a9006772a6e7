import type { CavageParams } from './cavage-header.ts';
import { type FieldIndex, fieldIndex, type RequestMessage } from './message.ts';
import { SignatureError } from './signature-error.ts';

const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;

const SPECIAL: readonly string[] = ['(request-target)', '(created)', '(expires)'];

/** True for what `headers` may list: a field in lower case, or a part in parentheses. */
export function isCavageName(name: string): boolean {
  return SPECIAL.includes(name) || FIELD_NAME.test(name);
}

/** The text that is signed (draft-cavage-12, section 2.3). Throws SignatureError when the message lacks a field. */
export function cavageSigningString(
  params: Pick<CavageParams, 'headers' | 'algorithm' | 'created' | 'expires'>,
  message: RequestMessage,
): string {
  const fields = fieldIndex(message.fields);
  return params.headers.map((name) => `${name}: ${valueOf(name, params, message, fields)}`).join('\n');
}

function valueOf(
  name: string,
  { algorithm, created, expires }: Pick<CavageParams, 'algorithm' | 'created' | 'expires'>,
  message: RequestMessage,
  fields: FieldIndex,
): string {
  if (name === '(request-target)') return `${message.method.toLowerCase()} ${message.target}`;
  if (name === '(created)' || name === '(expires)') {
    if (algorithm !== null && algorithm !== 'hs2019') throw new SignatureError(`${name} needs hs2019`);
    const value = name === '(created)' ? created : expires;
    if (value === null) throw new SignatureError(`${name} is missing`);
    return value;
  }
  const values = FIELD_NAME.test(name) ? fields.get(name) : undefined;
  if (values === undefined) throw new SignatureError(`${name} is not in the message`);
  return values.join(', ');
}
