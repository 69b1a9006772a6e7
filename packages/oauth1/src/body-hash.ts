import { createHash } from 'node:crypto';
import { constantTimeEqual } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import { OAuth1BadRequest } from './oauth1-error.ts';
import { isUrlEncoded } from './signed-parameters.ts';

/** The hash by its length in bytes. Clients disagree which one goes with which signature method; many know SHA-1 only. */
const ALGORITHMS: Readonly<Record<number, string>> = { 20: 'sha1', 32: 'sha256', 64: 'sha512' };

/**
 * Checks `oauth_body_hash` (OAuth Request Body Hash, draft 4), which covers the bodies that the signature itself does not.
 *
 * Throws OAuth1BadRequest beside a form, AuthenticationFailed when it is wrong, or is required and absent.
 */
export async function checkBodyHash(request: Request, hash: string | undefined, isRequired: boolean): Promise<void> {
  if (isUrlEncoded(request.contentType) && request.hasBody) {
    if (hash !== undefined) throw new OAuth1BadRequest('oauth_body_hash must not stand beside a form.');
    return;
  }
  if (hash === undefined && !isRequired) return;
  const body = request.hasBody ? await request.rawBody() : Buffer.alloc(0);
  if (hash === undefined) {
    if (body.length > 0) throw new AuthenticationFailed('Missing parameters: oauth_body_hash');
    return;
  }
  const algorithm = ALGORITHMS[Buffer.from(hash, 'base64').length];
  if (algorithm === undefined || !constantTimeEqual(createHash(algorithm).update(body).digest('base64'), hash)) {
    throw new AuthenticationFailed('Invalid body hash');
  }
}
