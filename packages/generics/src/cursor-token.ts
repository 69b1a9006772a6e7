import { formEncode, parseUrlEncoded } from '@rf/views';
import { readCount } from './base-pagination.ts';
import { parseInteger } from '@rf/serializers';

/** Where a page of {@link CursorPagination} starts. */
export interface Cursor {
  /** Rows with the same position to leave out. */
  readonly offset: number;
  /** True counts backwards from the position. */
  readonly reverse: boolean;
  /** The value of the first column of the ordering; null at the start. */
  readonly position: string | null;
}

/** The text of a cursor on the wire: base64 of `o=OFFSET&r=1&p=POSITION`, with the parts that apply. */
export function encodeCursor({ offset, reverse, position }: Cursor): string {
  const parts: string[] = [];
  if (offset !== 0) parts.push(`o=${offset}`);
  if (reverse) parts.push('r=1');
  if (position !== null) parts.push(`p=${formEncode(position)}`);
  return Buffer.from(parts.join('&'), 'ascii').toString('base64');
}

/**
 * Reads what {@link encodeCursor} wrote; null for anything else.
 *
 * @param offsetCutoff the greatest offset that is taken
 */
export function decodeCursor(text: string, offsetCutoff: number | null): Cursor | null {
  const query = decodeBase64(text);
  if (query === null) return null;
  const parts = parseUrlEncoded(query);
  const offset = readCount(parts.getList('o')[0] ?? '0', { cutoff: offsetCutoff });
  const reverse = parseInteger(parts.getList('r')[0] ?? '0');
  if (offset === null || reverse === null) return null;
  return { offset, reverse: reverse != 0, position: parts.getList('p')[0] ?? null };
}

/** ASCII text in base64. As the reference reads it: foreign characters are passed over, padding is not optional. */
function decodeBase64(text: string): string | null {
  if (/[^\0-\x7f]/.test(text)) return null;
  let data = '';
  let pads = 0;
  for (const character of text.replace(/[^A-Za-z0-9+/=]/g, '')) {
    if (character !== '=') {
      pads = 0;
      data += character;
      continue;
    }
    if (data.length % 4 < 2) continue;
    pads += 1;
    // What comes after a padding that is in its place is not looked at.
    if ((data.length % 4) + pads >= 4) return asciiOf(data);
  }
  return data.length % 4 === 0 ? asciiOf(data) : null;
}

function asciiOf(base64: string): string | null {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.some((byte) => byte > 0x7f) ? null : bytes.toString('ascii');
}
