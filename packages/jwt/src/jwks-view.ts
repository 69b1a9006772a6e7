import { APIView, authenticationClasses, type HttpResponse, permissionClasses, Response } from '@rf/views';
import { jwtService } from './jwt-service.ts';

/** Seconds for which verifiers may keep the key set. */
const MAX_AGE = 300;

/**
 * GET the public keys as a JWK set (RFC 7517, section 5), usually at `/.well-known/jwks.json`. Shared secrets and private
 * members are never in it.
 */
@authenticationClasses()
@permissionClasses()
export class JwksView extends APIView {
  override async get(): Promise<HttpResponse> {
    const keys = await jwtService(this.site).keys.publicKeys();
    // Pages of any origin may verify, too: there is no secret in it.
    const headers = { 'cache-control': `public, max-age=${MAX_AGE}`, 'access-control-allow-origin': '*' };
    return new Response({ keys }, { headers });
  }
}
