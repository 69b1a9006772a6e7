import { randomInt } from 'node:crypto';
import { makeOpaqueToken } from '@rf/auth';
import { tokenPrefixes } from './token-prefix.ts';

/** No vowels, so that no words appear, and nothing that looks like a digit. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const LENGTH = 8;

/** How often a verifier that a person types may be wrong. */
export const MAX_TRIES = 5;

/** A new verifier: eight letters for a person to type, else 256 random bits (RFC 5849, section 2.2). */
export function makeVerifier(isTyped: boolean): string {
  if (!isTyped) return makeOpaqueToken(tokenPrefixes.verifier);
  let letters = '';
  for (let at = 0; at < LENGTH; at += 1) letters += LETTERS[randomInt(LETTERS.length)];
  return letters;
}
