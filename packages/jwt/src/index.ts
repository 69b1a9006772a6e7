// Keys and signatures
export { isJwtAlgorithm, type JwtAlgorithm, jwtAlgorithms } from './algorithms.ts';
export { FixedKeyRing } from './fixed-key-ring.ts';
export { JwtKey, type JwtKeyOptions, type KeyMaterial } from './jwt-key.ts';
export type { KeyRing } from './key-ring.ts';
export { type Claims, TokenBackend, type TokenRules } from './token-backend.ts';
export { TokenError, type TokenErrorCode } from './token-error.ts';
export { defaultTokenMessages, type TokenMessages } from './token-messages.ts';
