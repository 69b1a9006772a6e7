import { parseAuthorization, parseAuthParams } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import { SignatureError } from './signature-error.ts';

/** The parameters of a draft-cavage signature. */
export interface CavageParams {
  readonly keyId: string;
  /** Absent means the key's. */
  readonly algorithm: string | null;
  /** What is covered, in order. */
  readonly headers: readonly string[];
  readonly signature: Buffer;
  /** Seconds since 1970, as written. */
  readonly created: string | null;
  readonly expires: string | null;
}

/** The text of the signature's parameters: of `Authorization: Signature …` or of a `Signature` field; null without one. */
export function findCavage(request: Request): string | null {
  const authorization = parseAuthorization(request);
  if (authorization?.scheme === 'signature') return authorization.rest;
  const { signature } = request.headers;
  // With Signature-Input the field is that of RFC 9421.
  return signature === undefined || request.headers['signature-input'] !== undefined ? null : signature;
}

/** Reads the parameters (draft-cavage-12, section 2.1). Throws SignatureError, also for one that the draft does not know. */
export function readCavage(text: string): CavageParams {
  const { keyid, algorithm = null, headers, signature, created = null, expires = null, ...others } = readParams(text);
  // The parameters are not signed: a name that was changed on the way would take away what its value says.
  if (Object.keys(others).length > 0) throw new SignatureError('there is a parameter that the draft does not know');
  if (!keyid || !signature) throw new SignatureError('keyId or signature is missing');
  const names = headers === undefined ? ['(created)'] : headers.split(' ');
  if (new Set(names).size !== names.length) throw new SignatureError('headers names one twice');
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.toString('base64') !== signature) throw new SignatureError('signature is no canonical Base64');
  // Only expires may have a fraction (sections 2.1.4 and 2.1.5).
  if (created !== null && !/^\d{1,12}$/.test(created)) throw new SignatureError('created is no whole number');
  if (expires !== null && !/^\d{1,12}(\.\d{1,9})?$/.test(expires)) throw new SignatureError('expires is no number');
  return { keyId: keyid, algorithm, headers: names, signature: bytes, created, expires };
}

function readParams(text: string): Partial<Record<string, string>> {
  try {
    return Object.fromEntries(parseAuthParams(text));
  } catch (error) {
    if (error instanceof AuthenticationFailed) throw new SignatureError('the parameters cannot be read');
    throw error;
  }
}
