import { writeChallenge } from '@rf/auth';
import type { OAuth2ErrorCode } from './oauth2-error.ts';

/** Attributes of a challenge (RFC 6750, section 3). */
export interface Challenge {
  readonly error?: OAuth2ErrorCode;
  readonly description?: string;
  /** The scope that would be enough. */
  readonly scope?: string;
  /** Where the resource's metadata is (RFC 9728, section 5.1). */
  readonly resourceMetadata?: string;
}

/** A `WWW-Authenticate` value such as `Bearer realm="api",error="invalid_token"`. */
export function formatChallenge(scheme: 'Bearer' | 'Basic', realm: string, challenge: Challenge = {}): string {
  const { error, description, scope, resourceMetadata } = challenge;
  return writeChallenge(scheme, {
    realm,
    error,
    error_description: description,
    scope,
    resource_metadata: resourceMetadata,
  });
}
