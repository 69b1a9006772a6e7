import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import { SignatureError } from './signature-error.ts';

/** The one answer to every refused signature (AU35): which key ids exist, and what was wrong, is not for strangers. */
const INVALID = 'Invalid signature.';

/** Runs a verification; a SignatureError is logged with its reason and becomes AuthenticationFailed. */
export async function refuseSignature<T>(request: Request, scheme: string, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    request.site.logger.info({ scheme, requestId: request.http.id, reason: error.message }, 'A signature was refused');
    throw new AuthenticationFailed(INVALID);
  }
}
