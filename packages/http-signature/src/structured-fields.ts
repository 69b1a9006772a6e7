import {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  parseDictionary,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
} from 'structured-headers';
import { SignatureError } from './signature-error.ts';

/** Longer fields are refused before anything looks at them. */
const MAX_LENGTH = 8192;

type Member = Item | InnerList;

/** True for a list in parentheses. */
export function isInnerList(member: Member): member is InnerList {
  return Array.isArray(member[0]);
}

/** The text of one member, with its parameters (RFC 9651, section 4.1). */
export function serializeMember(member: Member): string {
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

/**
 * Reads a dictionary that is spelled as RFC 9651, section 4.1, would: nothing twice, one number format, canonical Base64.
 *
 * What is signed is the canonical spelling, so another one would let a header be changed without its signature noticing. Only the
 * white space around commas is free. Throws SignatureError.
 */
export function readCanonicalDictionary(name: string, text: string): Dictionary {
  if (text.length > MAX_LENGTH) throw new SignatureError(`${name} is longer than ${MAX_LENGTH} characters`);
  let dictionary: Dictionary;
  try {
    dictionary = parseDictionary(text);
  } catch {
    throw new SignatureError(`${name} is no dictionary`);
  }
  let at = skipSpace(text, 0);
  for (const [key, member] of dictionary) {
    const spelled = serializeDictionary(new Map([[key, member]]));
    if (!text.startsWith(spelled, at)) throw new SignatureError(`${name} is not in its canonical form`);
    at = skipSpace(text, at + spelled.length);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  if (at !== text.length) throw new SignatureError(`${name} has a member twice`);
  return dictionary;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}

/**
 * The bytes of a byte sequence; null for any other member.
 *
 * Parameters make it another member: neither Signature (RFC 9421, section 4.2) nor Content-Digest (RFC 9530, section 2) has any, and
 * nothing signs those of Signature, so one signature would have many spellings.
 */
export function bytesOf(member: Member | undefined): Buffer | null {
  const [value, parameters] = (member ?? []) as readonly [BareItem?, ReadonlyMap<string, BareItem>?];
  return value instanceof ArrayBuffer && parameters?.size === 0 ? Buffer.from(value) : null;
}

/** Bytes as a structured field writes them. */
export function byteSequence(bytes: Uint8Array): string {
  return `:${Buffer.from(bytes).toString('base64')}:`;
}
