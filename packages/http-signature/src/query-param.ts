import { SignatureError } from './signature-error.ts';

/** Bytes that stay as they are in the form encoding of the URL standard. */
const isPlain = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2a ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x5f;

/**
 * Decodes a name or value of a form and encodes it again in one way (RFC 9421, section 2.2.8).
 *
 * Byte by byte: what is no UTF-8 keeps its bytes, where a decoder would make one replacement character of many different ones.
 */
function reencode(text: string): string {
  let encoded = '';
  for (let at = 0; at < text.length; at += 1) {
    const hex = text[at] === '%' ? /^[0-9a-f]{2}$/i.exec(text.slice(at + 1, at + 3))?.[0] : undefined;
    const byte = hex !== undefined ? Number.parseInt(hex, 16) : text[at] === '+' ? 0x20 : text.charCodeAt(at);
    if (hex !== undefined) at += 2;
    encoded += isPlain(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The values of each parameter, names and values encoded anew. */
export type QueryParams = ReadonlyMap<string, readonly string[]>;

/** Takes a query apart, once for all its parameters. */
export function readQueryParams(query: string): QueryParams {
  const params = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = reencode(equals === -1 ? pair : pair.slice(0, equals));
    const value = equals === -1 ? '' : reencode(pair.slice(equals + 1));
    const values = params.get(name);
    if (values === undefined) params.set(name, [value]);
    else values.push(value);
  }
  return params;
}

/** The value of the one parameter of this encoded name. Throws SignatureError when it is absent or there several times. */
export function queryParam(params: QueryParams, name: string): string {
  const found = params.get(name) ?? [];
  if (found.length !== 1) throw new SignatureError(`the query has ${found.length} parameters of a covered name`);
  return found[0] as string;
}
