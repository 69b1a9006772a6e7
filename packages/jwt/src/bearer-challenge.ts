import { challengeMissingScopes, writeChallenge } from '@rf/auth';
import { BaseAuthentication, type Request } from '@rf/views';
import { jwtService } from './jwt-service.ts';

/** Recognises nobody; gives the token views their challenge, so that what they refuse is 401 (JW01). */
export class BearerChallenge extends BaseAuthentication {
  override authenticate(): null {
    return null;
  }

  override authenticateHeader(request: Request): string {
    return challengeOf(request);
  }
}

/** Names the protection space in challenges. */
const REALM = 'api';

/** `Bearer realm="api"`, with the first word that the project takes. */
export function challengeOf(request: Request): string {
  return writeChallenge(schemeOf(request), { realm: REALM });
}

/** Has a 403 for want of scopes tell which would do, where the project's word is Bearer: others have no such attributes. */
export function challengeScopes(request: Request): void {
  if (schemeOf(request).toLowerCase() === 'bearer') challengeMissingScopes(request, REALM);
}

const schemeOf = (request: Request): string => jwtService(request).options.authHeaderTypes[0] as string;
