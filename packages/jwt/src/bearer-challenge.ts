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

/** `Bearer realm="api"`, with the first word that the project takes. */
export function challengeOf(request: Request): string {
  return `${jwtService(request).options.authHeaderTypes[0]} realm="api"`;
}
