import { isAscii, isUtf8 } from 'node:buffer';
import { ParseError } from '@rf/exceptions';
import { MediaType } from './media-type.ts';

/**
 * The charset that `contentType` names, when it is one that can be read; null for none, and for one that is unknown (PA06).
 *
 * Throws ParseError for what is known and no charset.
 */
export function charsetOf(contentType: string): string | null {
  if (!/charset/i.test(contentType)) return null;
  const named = new MediaType(contentType).params.get('charset');
  const charset = named?.toLowerCase();
  if (charset === undefined) return null;
  if (NO_CHARSET.test(charset)) {
    throw new ParseError(`Unsupported charset "${named}" in request Content-Type header.`);
  }
  if (LATIN_1.test(charset)) return 'latin1';
  if (ASCII.test(charset)) return 'ascii';
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return null;
  }
}

// A TextDecoder takes these for windows-1252.
const LATIN_1 = /^(iso-?8859-?1|latin-?1|l1)$/;
const ASCII = /^(us-ascii|ascii)$/;

/** Encodings of bytes as other bytes, or of text as other text, which the reference knows and refuses. */
const NO_CHARSET = /^(base64|bz2|hex|quopri|uu|zlib|rot13)(_codec)?$|^(base_64|quoted[_-]printable|zip|rot_13)$/;

/** Reads bytes as text in `charset`; UTF-8 for null. Broken sequences become U+FFFD. */
export function decodeText(body: Uint8Array, charset: string | null): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  if (charset === null || charset === 'utf-8') return bytes.toString('utf8');
  if (charset === 'latin1') return bytes.toString('latin1');
  if (charset === 'ascii') return bytes.toString('latin1').replace(/[\x80-\xff]/g, '\ufffd');
  return new TextDecoder(charset).decode(bytes);
}

/** Reads bytes as text in `charset`; null when they are no such text. */
export function decodeTextStrictly(body: Buffer, charset: string | null): string | null {
  if (charset === null || charset === 'utf-8') return isUtf8(body) ? body.toString('utf8') : null;
  if (charset === 'latin1') return body.toString('latin1');
  if (charset === 'ascii') return isAscii(body) ? body.toString('latin1') : null;
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch {
    return null;
  }
}
