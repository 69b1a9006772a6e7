import { randomInt } from 'node:crypto';
import type { OAuth2Provider } from './provider.ts';

/** No vowels, so that no words appear, and nothing that looks like a digit (RFC 8628, section 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** A new code for a person to type, such as `WDJB-MJHT`: 34 bits, enough for its short life behind a throttle. */
export function makeUserCode(): string {
  let code = '';
  for (let at = 0; at < LENGTH; at += 1) code += LETTERS[randomInt(LETTERS.length)];
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** The code that somebody typed: letter case, spaces and dashes do not count. Null when it cannot be one. */
export function readUserCode(typed: string): string | null {
  const code = typed.slice(0, 64).toUpperCase().replace(/[\s-]/g, '');
  if (code.length !== LENGTH || [...code].some((letter) => !LETTERS.includes(letter))) return null;
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** What the database keeps of a code: under the present secret key first, then under former ones. */
export function hashUserCode(provider: OAuth2Provider, code: string): readonly [string, ...string[]] {
  const [present, ...former] = provider.keyedHashes('user code', code);
  return [present.toString('hex'), ...former.map((digest) => digest.toString('hex'))];
}
