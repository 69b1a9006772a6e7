import { constantTimeEqual, noteUse, openStoredSecret, parseAuthorization, replayMemory, secretBox } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { findEntity } from '@rf/orm';
import {
  type APIView,
  type Authenticated,
  BaseAuthentication,
  type HttpResponse,
  isRepeated,
  type Request,
} from '@rf/views';
import { type Bewit, readBewit, withoutBewit } from './bewit.ts';
import { HawkCredential } from './hawk-credential.ts';
import { type HawkArtifacts, hawkMac, hawkPayloadHash, hawkTimestampMac } from './hawk-crypto.ts';
import { type HawkAttributes, MALFORMED, parseHawkHeader } from './hawk-header.ts';
import { type HawkOptions, hawkOptionsKey } from './hawk-options.ts';

const FAILED = 'Hawk authentication failed';
const STALE = 'Hawk authentication failed: The token has expired. Is your system clock correct?';

/** On the request's state after a stale request: what tells the client our time. */
const clockKey = Symbol('hawk clock');

/** A credential with its key in clear. */
interface Known {
  readonly credential: HawkCredential;
  readonly key: string;
}

/**
 * Hawk (AU34): requests signed with a shared key; method, target, host, port and, by default, the body are covered.
 *
 * `request.auth` is the {@link HawkCredential}.
 */
export class HawkAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers';

  override checkSetup(view: APIView): void {
    this.requireApp(view, hawkOptionsKey, 'hawk()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const options = request.site.resource(hawkOptionsKey);
    const header = parseAuthorization(request);
    const bewit = options.bewit ? readBewit(request) : null;
    if (bewit !== null) {
      // Two ways at once: whichever counted, the other would be a lie.
      if (header !== null) throw new AuthenticationFailed(MALFORMED);
      return this.#authenticateBewit(request, bewit, options);
    }
    if (header === null || header.scheme !== 'hawk') return null;
    return this.#authenticateHeader(request, parseHawkHeader(header.rest), options);
  }

  async #authenticateHeader(
    request: Request,
    attributes: HawkAttributes,
    options: HawkOptions,
  ): Promise<Authenticated> {
    const { credential, key } = await find(request, attributes.id, options);
    const artifacts: HawkArtifacts = {
      ...attributes,
      ...place(request),
      method: request.method,
      resource: target(request),
    };
    const expected = hawkMac('header', artifacts, key, credential?.algorithm ?? 'sha256');
    if (!constantTimeEqual(expected, attributes.mac) || credential === null) throw new AuthenticationFailed(FAILED);
    const known = { credential, key };
    await checkPayload(request, attributes.hash, known, options);

    const { clock } = request.site;
    const sentAt = Number(attributes.ts) * 1000;
    if (Math.abs(sentAt - clock()) > options.skew * 1000) {
      request.state.set(clockKey, known);
      throw new AuthenticationFailed(STALE);
    }
    const expiresAt = Math.max(sentAt, clock()) + (options.skew + 1) * 1000;
    const parts = [attributes.id, attributes.ts, attributes.nonce];
    if (!(await replayMemory(request.site).remember('hawk', parts, expiresAt))) throw new AuthenticationFailed(FAILED);

    if (options.signResponses) request.onRendered((response) => sign(request, response, artifacts, known));
    return accept(request, credential);
  }

  async #authenticateBewit(request: Request, bewit: Bewit, options: HawkOptions): Promise<Authenticated> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new AuthenticationFailed(FAILED);
    const { credential, key } = await find(request, bewit.id, options);
    const artifacts: HawkArtifacts = {
      ...place(request),
      ts: bewit.expires,
      nonce: '',
      method: 'GET',
      resource: withoutBewit(target(request)),
      ext: bewit.ext,
    };
    const expected = hawkMac('bewit', artifacts, key, credential?.algorithm ?? 'sha256');
    if (!constantTimeEqual(expected, bewit.mac) || credential === null) throw new AuthenticationFailed(FAILED);
    if (Number(bewit.expires) * 1000 <= request.site.clock()) throw new AuthenticationFailed(FAILED);
    return accept(request, credential);
  }

  /** After a stale request with the server's time, which the client can trust by its MAC. */
  override authenticateHeader(request: Request): string {
    const known = request.state.get(clockKey) as Known | undefined;
    if (known === undefined) return 'Hawk';
    const now = Math.floor(request.site.clock() / 1000);
    const tsm = hawkTimestampMac(now, known.key, known.credential.algorithm);
    return `Hawk ts="${now}", tsm="${tsm}", error="Stale timestamp"`;
  }
}

/** The target as sent; only a path can be signed. */
function target(request: Request): string {
  if (!request.target.startsWith('/')) throw new AuthenticationFailed(FAILED);
  return request.target;
}

/** Host and port that the client named. */
function place(request: Request): { host: string; port: string } {
  if (isRepeated(request, 'host')) throw new AuthenticationFailed(FAILED);
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(request.host);
  if (found === null) throw new AuthenticationFailed(FAILED);
  return { host: found[1] as string, port: found[2] ?? (request.isSecure ? '443' : '80') };
}

/** A credential that counts, with its key; for what is unknown null, with a key that takes as long to open. */
async function find(
  request: Request,
  keyId: string,
  options: HawkOptions,
): Promise<{ readonly credential: HawkCredential | null; readonly key: string }> {
  const found = await findEntity(request, HawkCredential, { keyId }, ['user']);
  if (found !== null && counts(found, request, options)) {
    const key = openStoredSecret(request.site, found, found.keySealed);
    if (key !== null) return { credential: found, key };
  }
  return { credential: null, key: secretBox(request.site).open(options.decoySealed) };
}

function counts({ active, algorithm, expires }: HawkCredential, request: Request, options: HawkOptions): boolean {
  if (!active || (algorithm === 'sha1' && !options.sha1)) return false;
  return expires === null || expires.getTime() > request.site.clock();
}

async function checkPayload(
  request: Request,
  hash: string | undefined,
  known: Known,
  options: HawkOptions,
): Promise<void> {
  const body = request.hasBody ? await request.rawBody() : null;
  if (hash === undefined) {
    if (options.payloadRequired && body !== null && body.length > 0) throw new AuthenticationFailed(FAILED);
    return;
  }
  const expected = hawkPayloadHash(body ?? '', request.contentType, known.credential.algorithm);
  if (!constantTimeEqual(expected, hash)) throw new AuthenticationFailed(FAILED);
}

async function accept(request: Request, credential: HawkCredential): Promise<Authenticated> {
  const { user } = credential;
  if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
  await noteUse(request, credential);
  return { user, auth: credential };
}

/** Signs the answer with the client's own time and nonce, so that it cannot be mistaken for another's. A stream is not signed. */
function sign(
  request: Request,
  { content, headers }: HttpResponse,
  artifacts: HawkArtifacts,
  { credential, key }: Known,
): void {
  if (content !== null && typeof content !== 'string' && !(content instanceof Uint8Array)) return;
  const sent = request.method === 'HEAD' ? '' : (content ?? '');
  const hash = hawkPayloadHash(sent, headers.get('content-type') ?? '', credential.algorithm);
  const mac = hawkMac('response', { ...artifacts, hash, ext: undefined }, key, credential.algorithm);
  headers.set('server-authorization', `Hawk mac="${mac}", hash="${hash}"`);
}
