// The app
export { httpSignature } from './http-signature.ts';
export type { HttpSignatureSettings, ResponseSigner } from './http-signature-options.ts';

// Authentication
export { HttpSignatureAuthentication } from './http-signature-authentication.ts';
export { CavageSignatureAuthentication } from './cavage-authentication.ts';
export { SignatureInfo } from './signature-info.ts';
export type { VerificationKey } from './verification-key.ts';

// Keys
export { SignatureKey } from './signature-key.ts';
export { type CreatedSignatureKey, createSignatureKey, type SignatureKeyOptions } from './create-signature-key.ts';
export {
  RotateSignatureKeyView,
  SignatureKeyListView,
  signatureKeyUrls,
  SignatureKeyView,
} from './signature-key-views.ts';
export { rotateSignatureKey } from './rotate-signature-key.ts';
export {
  type AsymmetricAlgorithm,
  createSignature,
  isSignatureAlgorithm,
  keyProblem,
  type SignatureAlgorithm,
  signatureAlgorithms,
  verifySignature,
} from './signature-algorithms.ts';

// Messages, for clients and for verifying answers
export type { FieldLines, Message, RequestMessage, ResponseMessage } from './message.ts';
export { type Component, readComponent, readComponents } from './component.ts';
export { componentValue, type StructuredFields } from './component-reader.ts';
export type { StructuredFieldType } from './structured-field-types.ts';
export { signatureBase } from './signature-base.ts';
export { componentItem, type MessageSigner, signMessage } from './sign-message.ts';
export { verifyMessage } from './verify-message.ts';
export { readLabelInput, type SignatureInput, type SignatureParameters } from './signature-input.ts';
export { checkContentDigest, contentDigest, type DigestAlgorithm } from './content-digest.ts';
export { cavageSigningString } from './cavage-signing-string.ts';
export { type CavageParams, readCavage } from './cavage-header.ts';
export { SignatureError } from './signature-error.ts';
