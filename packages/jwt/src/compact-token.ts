import { parseJsonObject } from './strict-json.ts';

/** Longest token that is looked at, in characters. */
export const maxTokenLength = 8192;

const SHAPE = /^[\w-]+\.[\w-]*\.[\w-]+$/;

/** The parts of a compact JWS whose spelling is canonical; nothing in it is verified yet. */
export interface CompactToken {
  readonly text: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

/** True for what has the shape of a compact JWS: three runs of base64url between dots. */
export function looksLikeToken(text: string): boolean {
  return text.length <= maxTokenLength && SHAPE.test(text);
}

/**
 * Takes a compact JWS apart (RFC 7515, section 7.1).
 *
 * A token has exactly one spelling: no white space, no padding, no other alphabet, no stray bits in a last character; its
 * header is a JSON object in UTF-8 without repeated names. Extensions (`crit`, and `b64` of RFC 7797) are not
 * understood and so refused. Returns the reason as a text when something is wrong.
 */
export function readCompactToken(text: string): CompactToken | string {
  if (text.length > maxTokenLength) return `longer than ${maxTokenLength} characters`;
  if (!SHAPE.test(text)) return 'not a compact JWS';
  const parts = text.split('.') as [string, string, string];
  const bytes: Buffer[] = [];
  for (const part of parts) {
    const decoded = Buffer.from(part, 'base64url');
    if (decoded.toString('base64url') !== part) return 'not canonical base64url';
    bytes.push(decoded);
  }
  const [headerBytes, payload] = bytes as [Buffer, Buffer];
  const header = parseJsonObject(headerBytes);
  if (header === undefined) return 'header is not a JSON object with unique names';
  if (Object.hasOwn(header, 'crit')) return 'critical header extensions';
  if (Object.hasOwn(header, 'b64')) return 'unencoded payload';
  return { text, header, payload };
}
