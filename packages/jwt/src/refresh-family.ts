/**
 * Claim of refresh tokens, and of the access tokens made from them, that all descendants of one log-in share. Re-use of
 * a spent refresh token ends them together (RFC 9700, section 4.14.2).
 */
export const familyClaim = 'token_family';

/** The value of the claim, a UUID; undefined for anything else. */
export function readFamily(claim: unknown): string | undefined {
  return typeof claim === 'string' && UUID.test(claim) ? claim : undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
