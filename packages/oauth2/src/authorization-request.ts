import type { OAuth2Client } from './client.ts';
import type { Parameters } from './parameters.ts';

/** A request that a client sent a user's browser with, checked (RFC 6749, section 4.1.1). */
export interface AuthorizationRequest {
  readonly client: OAuth2Client;
  /** Where the answer goes. */
  readonly redirectUri: string;
  /** As the client sent it; null when it left it out. */
  readonly sentRedirectUri: string | null;
  readonly scope: readonly string[];
  /** What tokens are to be bound to; none for any resource of this project. */
  readonly resources: readonly string[];
  readonly state: string | null;
  readonly challenge: string | null;
  readonly nonce: string | null;
  readonly prompt: ReadonlySet<string>;
  /** Seconds since the user's log-in, at most; null for any (OpenID Connect Core, section 3.1.2.1). */
  readonly maxAge: number | null;
  /** With what the request came back from the login page; null when it was not sent there. */
  readonly reauthentication: string | null;
  /** Who is expected to log in, for the login form; null when the client does not say. */
  readonly loginHint: string | null;
  /** All that was sent, for extensions. */
  readonly params: Parameters;
}
