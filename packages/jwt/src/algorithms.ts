/**
 * Names of signature algorithms (RFC 7518 section 3, RFC 8037, RFC 9864). `none` is not among them.
 *
 * `EdDSA` and `Ed25519` are one algorithm under its old and its new name: a key of either verifies tokens of both, and
 * tokens are signed under the name that was asked for.
 */
export type JwtAlgorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

/** What a key must be for an algorithm. */
interface AlgorithmRules {
  readonly kty: 'oct' | 'RSA' | 'EC' | 'OKP';
  /** Digest of the algorithm, where its name alone does not say it all. */
  readonly hash?: 'SHA-256' | 'SHA-384' | 'SHA-512';
  /** Fewest bytes of a shared secret: those of the digest (RFC 7518, section 3.2). */
  readonly secretBytes?: number;
  readonly curve?: string;
}

const RULES: Readonly<Record<JwtAlgorithm, AlgorithmRules>> = {
  HS256: { kty: 'oct', hash: 'SHA-256', secretBytes: 32 },
  HS384: { kty: 'oct', hash: 'SHA-384', secretBytes: 48 },
  HS512: { kty: 'oct', hash: 'SHA-512', secretBytes: 64 },
  RS256: { kty: 'RSA', hash: 'SHA-256' },
  RS384: { kty: 'RSA', hash: 'SHA-384' },
  RS512: { kty: 'RSA', hash: 'SHA-512' },
  PS256: { kty: 'RSA', hash: 'SHA-256' },
  PS384: { kty: 'RSA', hash: 'SHA-384' },
  PS512: { kty: 'RSA', hash: 'SHA-512' },
  ES256: { kty: 'EC', curve: 'P-256' },
  ES384: { kty: 'EC', curve: 'P-384' },
  ES512: { kty: 'EC', curve: 'P-521' },
  EdDSA: { kty: 'OKP', curve: 'Ed25519' },
  Ed25519: { kty: 'OKP', curve: 'Ed25519' },
};

/** Every algorithm this package signs and verifies with. */
export const jwtAlgorithms: readonly JwtAlgorithm[] = Object.keys(RULES) as JwtAlgorithm[];

/** True for the name of a known algorithm; the comparison is exact, as RFC 7515 section 4.1.1 asks. */
export function isJwtAlgorithm(name: unknown): name is JwtAlgorithm {
  return typeof name === 'string' && Object.hasOwn(RULES, name);
}

export function algorithmRules(algorithm: JwtAlgorithm): AlgorithmRules {
  return RULES[algorithm];
}

/** The `alg` values that a key of `algorithm` verifies. */
export function acceptedNames(algorithm: JwtAlgorithm): readonly JwtAlgorithm[] {
  return RULES[algorithm].kty === 'OKP' ? ['EdDSA', 'Ed25519'] : [algorithm];
}
