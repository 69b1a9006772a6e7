import type { HttpResponse, Request } from '@rf/views';
import { contentDigest } from './content-digest.ts';
import type { HttpSignatureOptions } from './http-signature-options.ts';
import type { RequestMessage } from './message.ts';
import { signMessage } from './sign-message.ts';

/** What a response is bound to. */
interface Answered {
  readonly message: RequestMessage;
  /** The label of the request's signature. */
  readonly label: string;
  readonly signer: NonNullable<HttpSignatureOptions['signResponses']>;
}

/**
 * Signs an answer: status, digest, media type, and the request with its signature, so that it is an answer to nothing else
 * (RFC 9421, section 2.4). A stream is not signed: its bytes are not known yet.
 */
export function signResponse(response: HttpResponse, request: Request, { message, label, signer }: Answered): void {
  const { content, headers } = response;
  if (content !== null && typeof content !== 'string' && !(content instanceof Uint8Array)) return;
  headers.set('content-digest', contentDigest(request.method === 'HEAD' ? '' : (content ?? '')));
  const { keyId, algorithm, key, tag } = signer;
  const { signatureInput, signature } = signMessage(
    { status: response.status, fields: [...headers].flat(), request: message },
    {
      algorithm,
      key,
      label,
      components: [
        '@status',
        'content-digest',
        ...(headers.has('content-type') ? ['content-type'] : []),
        '"@method";req',
        '"@authority";req',
        '"@path";req',
        '"@query";req',
        `"signature";req;key="${label}"`,
      ],
      parameters: { created: Math.floor(request.site.clock() / 1000), keyid: keyId, alg: algorithm, tag },
    },
  );
  headers.set('signature-input', signatureInput);
  headers.set('signature', signature);
}
