import { noteUse, replayMemory } from '@rf/auth';
import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import type { InnerList } from 'structured-headers';
import { acceptSignature } from './accept-signature.ts';
import { checkContentDigest } from './content-digest.ts';
import { type HttpSignatureOptions, httpSignatureOptionsKey } from './http-signature-options.ts';
import { fieldValue, type RequestMessage } from './message.ts';
import { refuseSignature } from './refuse-signature.ts';
import { requestMessage, withTrailers } from './request-message.ts';
import { signResponse } from './sign-response.ts';
import { verifySignature } from './signature-algorithms.ts';
import { signatureBase } from './signature-base.ts';
import { SignatureError } from './signature-error.ts';
import { SignatureInfo } from './signature-info.ts';
import { readSignature, readSignatureInput, readSignatureInputs } from './signature-input.ts';
import { checkAge, checkCoverage, checkParameters, coversDigest } from './signature-policy.ts';
import { findVerificationKey, type VerificationKey } from './verification-key.ts';

/** On the request's state once its challenge is prepared. */
const challengedKey = Symbol('challenged for a signature');

/** A `Signature` field of the older draft, which is the business of another class. */
const CAVAGE = /(?:^|,)[ \t]*keyId[ \t]*=/i;

/**
 * HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), AU35.
 *
 * Method, authority, path and query must be covered, and with a body its digest; a signature counts for minutes and only once.
 * `request.auth` is a {@link SignatureInfo}. What is wrong with a refused signature stands in the log.
 */
export class HttpSignatureAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers';

  override checkSetup(view: APIView): void {
    this.requireApp(view, httpSignatureOptionsKey, 'httpSignature()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const { headers } = request;
    if (headers['signature-input'] === undefined) {
      if (headers.signature === undefined || CAVAGE.test(headers.signature.slice(0, 8192))) return null;
    }
    return refuseSignature(request, 'http-signature', () => this.#verify(request));
  }

  /** The key of an id; null when there is none that counts. Override it for keys that are kept elsewhere. */
  protected findKey(request: Request, keyId: string): Promise<VerificationKey | null> {
    return findVerificationKey(request, keyId);
  }

  async #verify(request: Request): Promise<Authenticated | null> {
    const options = request.site.resource(httpSignatureOptionsKey);
    let message = requestMessage(request);
    const chosen = chooseLabel(message, options);
    if (chosen === null) return null;
    const input = readSignatureInput(chosen.label, chosen.member);
    const signature = readSignature(message, input.label);
    const { parameters, components } = input;
    if (components.some(({ tr }) => tr)) message = await withTrailers(request, message);

    const keyId = parameters.keyid ?? '';
    const key = await this.findKey(request, keyId);
    if (key === null) throw new SignatureError(`there is no key ${JSON.stringify(keyId.slice(0, 128))}`);
    checkParameters(parameters, key.algorithm, request.method, options);
    const body = request.hasBody ? await request.rawBody() : Buffer.alloc(0);
    checkCoverage(input, body.length > 0, options);
    const base = signatureBase(components, input.text, message, options.structuredFields);
    if (!verifySignature(key.algorithm, key.key, base, signature)) throw new SignatureError('it does not verify');
    if (components.some(coversDigest)) checkContentDigest(fieldValue(message.fields, 'content-digest') ?? '', body);

    const { clock } = request.site;
    checkAge(parameters, clock(), options);
    if (!key.user.isActive) throw new SignatureError('the user is inactive');
    // Not the signature: an ECDSA signature can be rewritten into another that verifies.
    const once = parameters.nonce ? ['nonce', parameters.nonce] : ['base', base];
    const until = ((parameters.created as number) + options.maxAge + 1) * 1000;
    if (!(await replayMemory(request.site).remember('http-signature', [keyId, ...once], until))) {
      throw new SignatureError('it was used before');
    }
    if (key.row !== undefined) await noteUse(request, key.row);
    const { signResponses } = options;
    if (signResponses !== null) {
      request.onRendered((response) =>
        signResponse(response, request, { message, label: input.label, signer: signResponses }),
      );
    }
    const covered = components.map(({ text }) => text);
    return { user: key.user, auth: new SignatureInfo(keyId, key.algorithm, input.label, covered, parameters) };
  }

  /** With it, a 401 says in `Accept-Signature` what must be signed (RFC 9421, section 5). */
  override authenticateHeader(request: Request): string {
    if (!request.state.has(challengedKey)) {
      request.state.set(challengedKey, true);
      request.onResponse((response) => {
        if (response.status !== 401) return;
        response.headers.set(
          'accept-signature',
          acceptSignature(request.site.resource(httpSignatureOptionsKey), request.hasBody),
        );
      });
    }
    return 'Signature realm="api"';
  }
}

/** The one signature that is meant for us; null when all are for other applications. */
function chooseLabel(
  message: RequestMessage,
  { label, tag }: HttpSignatureOptions,
): { label: string; member: InnerList } | null {
  const all = readSignatureInputs(message);
  if (all.length === 0) throw new SignatureError('Signature-Input is missing or empty');
  const ours = all.filter(
    ({ label: name, member }) => (label === null || name === label) && (member[1].get('tag') ?? null) === tag,
  );
  if (ours.length > 1)
    throw new SignatureError('there are several signatures, and neither label nor tag says which counts');
  return ours[0] ?? null;
}
