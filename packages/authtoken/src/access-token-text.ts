import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every access token begins with, so that scanners of leaked secrets recognise it. */
export const ACCESS_TOKEN_PREFIX = 'rfat_';

const FORM = /^rfat_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/;
const CHECKSUM_LENGTH = 8;

/** A new token: prefix, 256 random bits, checksum. */
export function makeAccessToken(): string {
  const body = ACCESS_TOKEN_PREFIX + randomBytes(32).toString('base64url');
  return body + checksum(body);
}

/** True for a text that {@link makeAccessToken} may have made; tells typing errors and other schemes' tokens without a query. */
export function isAccessToken(text: string): boolean {
  return FORM.test(text) && checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What is stored of a token. It is random, so a fast hash is enough. */
export function digestAccessToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
