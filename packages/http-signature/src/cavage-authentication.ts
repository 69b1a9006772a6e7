import { noteUse, replayMemory } from '@rf/auth';
import { type APIView, type Authenticated, BaseAuthentication, isRepeated, type Request } from '@rf/views';
import { checkCavageDigest } from './cavage-digest.ts';
import { type CavageParams, findCavage, readCavage } from './cavage-header.ts';
import { cavageSigningString } from './cavage-signing-string.ts';
import { type HttpSignatureOptions, httpSignatureOptionsKey } from './http-signature-options.ts';
import { fieldValue } from './message.ts';
import { refuseSignature } from './refuse-signature.ts';
import { requestMessage } from './request-message.ts';
import { type SignatureAlgorithm, verifySignature } from './signature-algorithms.ts';
import { SignatureError } from './signature-error.ts';
import { findVerificationKey, type VerificationKey } from './verification-key.ts';

/** Seconds that `Date` or `(created)` may differ from our clock, both ways. */
const SKEW = 300;

/** The draft's names for the algorithms of our keys; null: only `hs2019` says it. ECDSA differs between implementations. */
const names: Partial<Record<SignatureAlgorithm, string | null>> = {
  'rsa-v1_5-sha256': 'rsa-sha256',
  'hmac-sha256': 'hmac-sha256',
  'rsa-pss-sha512': null,
  ed25519: null,
};

/**
 * HTTP Signatures as in draft-cavage-12 (AU35), for clients that know nothing else: the draft never became a standard.
 *
 * `request.auth` is the key id. Use {@link HttpSignatureAuthentication} wherever you can choose.
 */
export class CavageSignatureAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers';

  override checkSetup(view: APIView): void {
    this.requireApp(view, httpSignatureOptionsKey, 'httpSignature()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const text = findCavage(request);
    return text === null ? null : refuseSignature(request, 'cavage', () => this.#verify(request, readCavage(text)));
  }

  /** The key of an id; null when there is none that counts. Override it for keys that are kept elsewhere. */
  protected findKey(request: Request, keyId: string): Promise<VerificationKey | null> {
    return findVerificationKey(request, keyId);
  }

  async #verify(request: Request, params: CavageParams): Promise<Authenticated> {
    const options = request.site.resource(httpSignatureOptionsKey);
    const message = requestMessage(request);
    if (isRepeated(request, 'date')) throw new SignatureError('there are several Date fields');
    const key = await this.findKey(request, params.keyId);
    if (key === null) throw new SignatureError(`there is no key ${JSON.stringify(params.keyId.slice(0, 128))}`);
    checkAlgorithm(params, key.algorithm, options);
    const body = request.hasBody ? await request.rawBody() : Buffer.alloc(0);
    checkHeaders(params, body.length > 0, options);
    const text = cavageSigningString(params, message);
    if (!verifySignature(key.algorithm, key.key, text, params.signature))
      throw new SignatureError('it does not verify');
    if (params.headers.includes('digest')) checkCavageDigest(fieldValue(message.fields, 'digest') ?? '', body);

    const now = request.site.clock();
    const until = checkTime(params, fieldValue(message.fields, 'date'), now);
    if (!key.user.isActive) throw new SignatureError('the user is inactive');
    if (!(await replayMemory(request.site).remember('cavage', [params.keyId, text], until))) {
      throw new SignatureError('it was used before');
    }
    if (key.row !== undefined) await noteUse(request, key.row);
    return { user: key.user, auth: params.keyId };
  }

  override authenticateHeader(request: Request): string {
    const { cavageHeaders } = request.site.resource(httpSignatureOptionsKey);
    return `Signature realm="api",headers="${[...cavageHeaders, 'digest'].join(' ')}"`;
  }
}

function checkAlgorithm({ algorithm }: CavageParams, own: SignatureAlgorithm, options: HttpSignatureOptions): void {
  const name = names[own];
  if (name === undefined || !options.algorithms.includes(own)) throw new SignatureError(`${own} does not count here`);
  if (algorithm !== null && algorithm !== 'hs2019' && algorithm !== name) {
    throw new SignatureError('algorithm is not that of the key');
  }
}

function checkHeaders(params: CavageParams, hasBody: boolean, options: HttpSignatureOptions): void {
  const { headers } = params;
  const needed = [...options.cavageHeaders, ...(hasBody ? ['digest'] : [])];
  for (const name of needed) {
    const isCovered = headers.includes(name) || (name === 'date' && headers.includes('(created)'));
    if (!isCovered) throw new SignatureError(`${name} is not covered`);
  }
  // Whatever is not covered, anybody on the way may change.
  for (const name of ['created', 'expires'] as const) {
    if (params[name] !== null && !headers.includes(`(${name})`)) throw new SignatureError(`${name} is not covered`);
  }
}

/** Throws SignatureError for a signature of another time; returns when it will be too old, in milliseconds since 1970. */
function checkTime({ headers, created, expires }: CavageParams, date: string | null, now: number): number {
  const times = [
    ...(headers.includes('date') ? [Date.parse(date ?? '')] : []),
    ...(headers.includes('(created)') ? [Number(created) * 1000] : []),
  ];
  for (const time of times) {
    if (!(Math.abs(now - time) <= SKEW * 1000)) throw new SignatureError('it was made at another time');
  }
  if (expires !== null && now > Number(expires) * 1000) throw new SignatureError('it has expired');
  return Math.max(now, ...times) + (SKEW + 1) * 1000;
}
