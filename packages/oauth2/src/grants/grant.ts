import type { Request } from '@rf/views';
import type { OAuth2Client } from '../client.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import type { Parameters } from '../parameters.ts';
import type { OAuth2Provider } from '../provider.ts';
import type { TokenResponse } from '../token-issuer.ts';

/** A token request whose client is known and may use the grant. */
export interface GrantRequest {
  readonly request: Request;
  readonly provider: OAuth2Provider;
  readonly client: OAuth2Client;
  readonly params: Parameters;
}

/** Exchanges something for tokens. Throws OAuth2Error. */
export type Grant = (grant: GrantRequest) => Promise<TokenResponse>;

/** The answer to anything that is wrong with a code or a refresh token: which of it is not told. */
export const invalidGrant = (description: string | null = null): OAuth2Error =>
  new OAuth2Error('invalid_grant', description);

/** Throws a refusal that was returned from a transaction, so that what the transaction wrote is kept. */
export function unlessRefused<T>(outcome: T | OAuth2Error): T {
  if (outcome instanceof OAuth2Error) throw outcome;
  return outcome;
}
