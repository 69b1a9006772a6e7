import { isUtf8 } from 'node:buffer';
import { MediaType } from './media-type.ts';

/** The charset that `contentType` names, when it is one that can be read; null for none, and for one that is unknown (PA06). */
export function charsetOf(contentType: string): string | null {
  if (!contentType.includes('charset')) return null;
  const charset = new MediaType(contentType).params.get('charset')?.toLowerCase();
  if (charset === undefined) return null;
  if (LATIN_1.test(charset)) return 'latin1';
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return null;
  }
}

// A TextDecoder takes these for windows-1252.
const LATIN_1 = /^(iso-?8859-?1|latin-?1|l1|us-ascii|ascii)$/;

/** Reads bytes as text in `charset`; UTF-8 for null. Broken sequences become U+FFFD. */
export function decodeText(body: Uint8Array, charset: string | null): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (charset === null || charset === 'utf-8') return bytes.toString('utf8');
  if (charset === 'latin1') return bytes.toString('latin1');
  return new TextDecoder(charset).decode(bytes);
}

/** Reads bytes as text in `charset`; null when they are no such text. */
export function decodeTextStrictly(body: Buffer, charset: string | null): string | null {
  if (charset === null || charset === 'utf-8') return isUtf8(body) ? body.toString('utf8') : null;
  if (charset === 'latin1') return body.toString('latin1');
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
