import { isRepeated, type Request } from '@rf/views';
import type { RequestMessage } from './message.ts';
import { SignatureError } from './signature-error.ts';

/** What of a request can be signed, as it came. Throws SignatureError when two readers of it could disagree. */
export function requestMessage(request: Request): RequestMessage {
  // Node keeps the first of several; what stands in front may have looked at another.
  if (isRepeated(request, 'host')) throw new SignatureError('there are several Host fields');
  if (!request.target.startsWith('/')) throw new SignatureError('the request target is no path');
  return {
    method: request.method,
    scheme: request.scheme,
    authority: request.host,
    target: request.target,
    fields: request.http.rawHeaders,
  };
}

/** The same with its trailers, which come after the body. */
export async function withTrailers(request: Request, message: RequestMessage): Promise<RequestMessage> {
  if (request.hasBody) await request.rawBody();
  const { rawTrailers = [] } = request.http.stream as { rawTrailers?: string[] };
  return { ...message, trailers: rawTrailers };
}
