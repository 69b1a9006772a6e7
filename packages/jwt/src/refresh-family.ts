/**
 * Claim of refresh tokens, and of the access tokens made from them, that all descendants of one log-in share. Re-use of
 * a spent refresh token ends them together (RFC 9700, section 4.14.2).
 */
export const familyClaim = 'token_family';
