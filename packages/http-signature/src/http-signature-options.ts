import type { KeyObject } from 'node:crypto';
import { resourceKey } from '@rf/views';
import type { StructuredFields } from './component-reader.ts';
import type { SignatureAlgorithm } from './signature-algorithms.ts';

/** Options of `httpSignature()`. */
export interface HttpSignatureSettings {
  /** Seconds after `created` for which a signature counts. Default 300. */
  readonly maxAge?: number;
  /** Seconds that `created` may be ahead of our clock. Default 60. */
  readonly skew?: number;
  /** Algorithms that count, whatever keys there are. Default all. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Only signatures made for this application count (`tag`); those for others are passed over. Default: signatures without a tag. */
  readonly tag?: string;
  /** Only this label counts; the others are passed over. Default: whatever it is called, but only one. */
  readonly label?: string;
  /** Components that must be covered beside method, authority, path, query and, with a body, content-digest. */
  readonly requiredComponents?: readonly string[];
  /** Unsafe methods must bring a nonce. Default false: without one, the signed text itself counts only once. */
  readonly nonceRequired?: boolean;
  /** Structured fields of the project, for the parameters `sf` and `key`; the well-known ones are known. */
  readonly structuredFields?: StructuredFields;
  /** Answers to signed requests are signed with this key. */
  readonly signResponses?: ResponseSigner;
  /** What draft-cavage signatures must cover beside `digest` with a body. Default `(request-target)`, `host`, `date`. */
  readonly cavageHeaders?: readonly string[];
}

/** The server's own key. Clients learn its public half, or the secret, from you. */
export interface ResponseSigner {
  /** Names the key to clients. */
  readonly keyId: string;
  readonly algorithm: SignatureAlgorithm;
  /** PEM of the private key, or at least 32 bytes for `hmac-sha256`. */
  readonly key: string | Uint8Array;
  /** Default: none. */
  readonly tag?: string;
}

export interface HttpSignatureOptions {
  readonly maxAge: number;
  readonly skew: number;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly tag: string | null;
  readonly label: string | null;
  readonly requiredComponents: readonly string[];
  readonly nonceRequired: boolean;
  readonly structuredFields: StructuredFields;
  readonly signResponses: (Omit<ResponseSigner, 'key'> & { readonly key: KeyObject }) | null;
  readonly cavageHeaders: readonly string[];
}

export const httpSignatureOptionsKey = resourceKey<HttpSignatureOptions>('options of the http_signature app');
