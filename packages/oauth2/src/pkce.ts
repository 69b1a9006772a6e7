import { createHash, timingSafeEqual } from 'node:crypto';

/** The one challenge method: `plain` protects against nobody who sees the request (RFC 9700, section 2.1.1). */
export const CODE_CHALLENGE_METHOD = 'S256';

/** A SHA-256 in base64url is 43 characters (RFC 7636, section 4.2). */
export const isCodeChallenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** 43 to 128 unreserved characters (RFC 7636, section 4.1). */
export const isCodeVerifier = (text: string): boolean => /^[A-Za-z0-9\-._~]{43,128}$/.test(text);

/** The challenge of a verifier (RFC 7636, section 4.2). */
export function codeChallengeOf(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}

/**
 * What is wrong with the challenge of an authorization request; null when nothing is (RFC 7636, section 4.4.1).
 *
 * @param required false lets a client leave PKCE out
 */
export function codeChallengeProblem(
  challenge: string | null,
  method: string | null,
  required: boolean,
): string | null {
  if (challenge === null) {
    if (method !== null) return 'Code challenge method without a code challenge.';
    return required ? 'Code challenge required.' : null;
  }
  if (method !== CODE_CHALLENGE_METHOD) return 'Transform algorithm not supported. Use code_challenge_method=S256.';
  return isCodeChallenge(challenge) ? null : 'Code challenge is not 43 characters of base64url.';
}

/**
 * Whether the verifier shown with a code proves the challenge that the code was bound to (RFC 7636, section 4.6).
 *
 * A code without a challenge takes no verifier and the reverse, so that nobody can leave PKCE out halfway (RFC 9700,
 * section 4.8).
 */
export function provesCodeChallenge(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier;
  if (!isCodeVerifier(verifier)) return false;
  const made = Buffer.from(codeChallengeOf(verifier));
  const kept = Buffer.from(challenge);
  return made.length === kept.length && timingSafeEqual(made, kept);
}
