import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { RequestUser, Site } from '@rf/views';

/** A keyed hash of the stored password: changes when the password does, and tells nothing about it. */
export function passwordFingerprint(secretKey: string, user: RequestUser): string {
  const stored = (user as { readonly password?: unknown }).password;
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'rf.jwt.password', 32));
  return createHmac('sha256', key).update(String(stored)).digest('base64url');
}

/** True when `fingerprint` was made from the user's present password, under any secret key that still counts. */
export function matchesPassword(site: Site, user: RequestUser, fingerprint: unknown): boolean {
  if (typeof fingerprint !== 'string') return false;
  const found = Buffer.from(fingerprint);
  return [site.secretKey, ...site.secretKeyFallbacks].some((secretKey) => {
    const expected = Buffer.from(passwordFingerprint(secretKey, user));
    return found.length === expected.length && timingSafeEqual(found, expected);
  });
}
