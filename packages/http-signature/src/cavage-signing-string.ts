import type { CavageParams } from './cavage-header.ts';
import { fieldValue, type RequestMessage } from './message.ts';
import { SignatureError } from './signature-error.ts';

const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;

/** The text that is signed (draft-cavage-12, section 2.3). Throws SignatureError when the message lacks a field. */
export function cavageSigningString(
  params: Pick<CavageParams, 'headers' | 'algorithm' | 'created' | 'expires'>,
  message: RequestMessage,
): string {
  return params.headers.map((name) => `${name}: ${valueOf(name, params, message)}`).join('\n');
}

function valueOf(
  name: string,
  { algorithm, created, expires }: Pick<CavageParams, 'algorithm' | 'created' | 'expires'>,
  message: RequestMessage,
): string {
  if (name === '(request-target)') return `${message.method.toLowerCase()} ${message.target}`;
  if (name === '(created)' || name === '(expires)') {
    if (algorithm !== null && algorithm !== 'hs2019') throw new SignatureError(`${name} needs hs2019`);
    const value = name === '(created)' ? created : expires;
    if (value === null) throw new SignatureError(`${name} is missing`);
    return value;
  }
  const value = FIELD_NAME.test(name) ? fieldValue(message.fields, name) : null;
  if (value === null) throw new SignatureError(`${name} is not in the message`);
  return value;
}
