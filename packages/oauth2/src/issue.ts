import type { AbstractUser } from '@rf/auth';
import type { GrantType, OAuth2Client } from './client.ts';

/** Where new tokens come from. */
export interface Issue {
  readonly client: OAuth2Client;
  readonly user: AbstractUser | null;
  readonly scope: readonly string[];
  /** What the access token is bound to; none for any resource of this project. */
  readonly resources: readonly string[];
  readonly family: string;
  readonly grantType: GrantType;
  /** When the user had logged in who allowed it; null when that is not known, and for grants without a log-in. */
  readonly authenticatedAt: Date | null;
  /** What the client asked to find in the ID token; null for nothing. */
  readonly nonce: string | null;
}
