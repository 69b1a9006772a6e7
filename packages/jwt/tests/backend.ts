import { type Claims, defaultTokenMessages, FixedKeyRing, JwtKey, TokenBackend, type TokenRules } from '@rf/jwt';

/** The second at which the tests live. */
export const NOW = 1_700_000_000;

export const SECRET = 'a secret of thirty-two bytes, or more';

/** A backend with the key of {@link SECRET}, unless others are given. */
export async function backend(rules: Partial<TokenRules> = {}, keys?: readonly JwtKey[]): Promise<TokenBackend> {
  const ring = keys ?? [await JwtKey.from(SECRET, 'HS256')];
  return new TokenBackend(new FixedKeyRing(ring[0], ring), {
    issuer: undefined,
    audience: [],
    leeway: 0,
    typ: 'JWT',
    maxLifetime: 366 * 86_400,
    messages: defaultTokenMessages,
    clock: () => NOW * 1000,
    ...rules,
  });
}

export function claims(extra: Claims = {}): Claims {
  return { token_type: 'access', exp: NOW + 300, iat: NOW, jti: '0'.repeat(32), user_id: '1', ...extra };
}
