export { digest } from './digest.ts';
export type { DigestSettings } from './digest-options.ts';
export { DigestAuthentication } from './digest-authentication.ts';
export { DigestCredential } from './digest-credential.ts';
export { deleteDigestPassword, setDigestPassword } from './set-digest-password.ts';
export {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type DigestBase,
  digestHA1,
  type DigestInput,
  type DigestQop,
  digestResponse,
  digestUserhash,
} from './digest-hash.ts';
export { type NonceSource, SignedNonces } from './digest-nonces.ts';
