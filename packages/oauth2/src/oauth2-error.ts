import { APIException } from '@rf/exceptions';

/** Codes of the `error` member (RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC 8628 section 3.5, RFC 7009 section 2.2.1, RFC 7591 section 3.2.2, RFC 8707 section 2, OpenID Connect Core section 3.1.2.6). */
export type OAuth2ErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'login_required'
  | 'consent_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'authorization_pending'
  | 'slow_down'
  | 'expired_token'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'unapproved_software_statement';

/** Choices for {@link OAuth2Error}. */
export interface OAuth2ErrorOptions {
  /** Default 400. */
  readonly status?: number;
  /** Value of `WWW-Authenticate`. */
  readonly challenge?: string;
}

/**
 * A refusal of one of the provider's endpoints, answered as `{"error": …, "error_description": …}` (RFC 6749,
 * section 5.2).
 */
export class OAuth2Error extends APIException {
  static override statusCode = 400;
  static override defaultCode = 'invalid_request';

  readonly error: OAuth2ErrorCode;
  /** For the developer of the client; null for none. */
  readonly description: string | null;
  readonly challenge: string | null;

  constructor(error: OAuth2ErrorCode, description: string | null = null, options: OAuth2ErrorOptions = {}) {
    super(description === null ? { error } : { error, error_description: description }, error);
    this.error = error;
    this.description = description;
    this.challenge = options.challenge ?? null;
    this.statusCode = options.status ?? 400;
    this.message = description === null ? error : `${error}: ${description}`;
  }
}
