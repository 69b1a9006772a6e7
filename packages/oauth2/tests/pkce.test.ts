import { codeChallengeOf, codeChallengeProblem, provesCodeChallenge } from '@rf/oauth2';
import { describe, expect, test } from 'vitest';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

test('the challenge of RFC 7636, appendix B, is made of its verifier', () => {
  expect(codeChallengeOf(VERIFIER)).toBe(CHALLENGE);
  expect(provesCodeChallenge(CHALLENGE, VERIFIER)).toBe(true);
});

test.each([
  ['another verifier', CHALLENGE, 'x'.repeat(43)],
  ['the challenge itself', CHALLENGE, CHALLENGE],
  ['no verifier', CHALLENGE, null],
  ['a verifier for a code without challenge', null, VERIFIER],
  ['a verifier of 42 characters', codeChallengeOf('a'.repeat(42)), 'a'.repeat(42)],
  ['a verifier of 129 characters', codeChallengeOf('a'.repeat(129)), 'a'.repeat(129)],
  ['a verifier with a character outside of the set', codeChallengeOf(`${'a'.repeat(42)}!`), `${'a'.repeat(42)}!`],
])('%s proves nothing', (_case, challenge, verifier) => {
  expect(provesCodeChallenge(challenge, verifier)).toBe(false);
});

describe('at the authorization endpoint', () => {
  test.each([
    [CHALLENGE, 'S256', null],
    [CHALLENGE, 'plain', 'Transform algorithm not supported. Use code_challenge_method=S256.'],
    [CHALLENGE, null, 'Transform algorithm not supported. Use code_challenge_method=S256.'],
    [`${CHALLENGE}=`, 'S256', 'Code challenge is not 43 characters of base64url.'],
    [null, null, 'Code challenge required.'],
    [null, 'S256', 'Code challenge method without a code challenge.'],
  ])('the challenge %s with method %s: %s', (challenge, method, problem) => {
    expect(codeChallengeProblem(challenge, method, true)).toBe(problem);
  });

  test('a client that need not use PKCE may leave it out', () => {
    expect(codeChallengeProblem(null, null, false)).toBeNull();
  });
});
