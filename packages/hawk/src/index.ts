export { hawk } from './hawk.ts';
export type { HawkSettings } from './hawk-options.ts';
export { HawkAuthentication } from './hawk-authentication.ts';
export { HawkCredential } from './hawk-credential.ts';
export { createHawkCredential, type HawkCredentialOptions } from './create-hawk-credential.ts';
export {
  type HawkAlgorithm,
  type HawkArtifacts,
  type HawkKind,
  hawkMac,
  hawkNormalized,
  hawkPayloadHash,
  hawkTimestampMac,
} from './hawk-crypto.ts';
export { type HawkAttributes, parseHawkHeader } from './hawk-header.ts';
export { type Bewit, writeBewit } from './bewit.ts';
