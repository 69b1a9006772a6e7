import type { Site } from '@rf/views';
import { createHmac, timingSafeEqual } from 'node:crypto';

/** From where a page of {@link KeysetPagination} goes, and which way. */
export interface KeysetCursor {
  /** True goes backwards. */
  readonly reverse: boolean;
  /** True when a row that stands exactly there belongs to the page. */
  readonly inclusive: boolean;
  /** The texts of the values that rows are ordered by. */
  readonly values: readonly (string | null)[];
}

/** Bytes of the signature that are sent: 2^128 guesses. */
const SIGNATURE_BYTES = 16;

/**
 * Writes a cursor so that only this project can have written it.
 *
 * @param ordering what it belongs to: it is not taken for another one
 */
export function signCursor(cursor: KeysetCursor, ordering: string, site: Site): string {
  const direction = (cursor.reverse ? 1 : 0) + (cursor.inclusive ? 2 : 0);
  const payload = Buffer.from(JSON.stringify([direction, ...cursor.values])).toString('base64url');
  return `${payload}.${signature(payload, ordering, site.secretKey).toString('base64url')}`;
}

/** Reads what {@link signCursor} wrote for the same ordering; null for anything else. */
export function readCursor(text: string, ordering: string, site: Site): KeysetCursor | null {
  const [payload = '', signed, ...rest] = text.split('.');
  if (signed === undefined || rest.length > 0) return null;
  const given = Buffer.from(signed, 'base64url');
  const keys = [site.secretKey, ...site.secretKeyFallbacks];
  const isOurs = keys.some((key) => isSame(given, signature(payload, ordering, key)));
  if (!isOurs) return null;
  const [direction, ...values] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
    number,
    ...(string | null)[],
  ];
  return { reverse: (direction & 1) === 1, inclusive: (direction & 2) === 2, values };
}

function signature(payload: string, ordering: string, secretKey: string): Buffer {
  const key = createHmac('sha256', secretKey).update('rf.generics.keyset').digest();
  const mac = createHmac('sha256', key).update(ordering).update('\0').update(payload).digest();
  return mac.subarray(0, SIGNATURE_BYTES);
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
