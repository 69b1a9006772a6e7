import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 43 letters of 62 are 256 bits (auth-schemes, section 1.4). */
const RANDOM_LENGTH = 43;
/** 62 ** 6 holds a CRC-32. */
const CHECK_LENGTH = 6;
const BODY = new RegExp(`^[0-9A-Za-z]{${RANDOM_LENGTH + CHECK_LENGTH}}$`);

/**
 * A new unguessable value: prefix, 43 random letters and digits, six for a CRC-32 of what precedes them.
 *
 * Only letters and digits follow the prefix, so that clients which form-encode credentials and those which do not agree
 * (RFC 6749, section 2.3.1).
 *
 * @param prefix what the value is for, `oat_` say, so that people and secret scanners recognise it
 */
export function makeOpaqueToken(prefix: string): string {
  return seal(prefix + randomLetters(RANDOM_LENGTH));
}

/** The same value each time for the same 32 bytes, as long as they are kept secret. */
export function opaqueTokenOf(prefix: string, secret: Uint8Array): string {
  let number = BigInt(`0x${Buffer.from(secret).toString('hex')}`);
  let letters = '';
  while (letters.length < RANDOM_LENGTH) {
    letters += ALPHABET[Number(number % 62n)];
    number /= 62n;
  }
  return seal(prefix + letters);
}

/** True when `text` could have been made with this prefix: letters, length and checksum fit. */
export function isOpaqueToken(prefix: string, text: string): boolean {
  if (!text.startsWith(prefix) || !BODY.test(text.slice(prefix.length))) return false;
  return seal(text.slice(0, -CHECK_LENGTH)) === text;
}

/** What the database keeps of a value: its SHA-256 in hexadecimal. No slow hash, since it cannot be guessed. */
export function hashOpaqueToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `length` letters of 62, each as likely as any other. */
export function randomLetters(length: number): string {
  let letters = '';
  while (letters.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 that a byte holds; above it, some letters would be likelier.
      if (byte < 248 && letters.length < length) letters += ALPHABET[byte % 62];
    }
  }
  return letters;
}

function seal(text: string): string {
  let check = crc32(text);
  let letters = '';
  for (let at = 0; at < CHECK_LENGTH; at += 1) {
    letters = ALPHABET[check % 62] + letters;
    check = Math.floor(check / 62);
  }
  return text + letters;
}
