import { timingSafeEqual } from 'node:crypto';

/** Compares two secrets in a time that tells nothing of where they differ. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  const left = typeof a === 'string' ? Buffer.from(a) : a;
  const right = typeof b === 'string' ? Buffer.from(b) : b;
  // timingSafeEqual throws for unequal lengths; a length is no secret.
  return left.length === right.length && timingSafeEqual(left, right);
}
