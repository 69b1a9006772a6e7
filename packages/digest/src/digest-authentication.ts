import {
  constantTimeEqual,
  type LoginThrottleRates,
  openStoredSecret,
  parseAuthorization,
  parseAuthParams,
  replayMemory,
  secretBox,
  throttleGuesses,
  userModel,
} from '@rf/auth';
import { AuthenticationFailed, ParseError } from '@rf/exceptions';
import { findEntity } from '@rf/orm';
import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { DigestCredential } from './digest-credential.ts';
import {
  baseOf,
  type DigestAlgorithm,
  type DigestInput,
  type DigestQop,
  digestResponse,
  digestUserhash,
} from './digest-hash.ts';
import { type DigestOptions, digestOptionsKey } from './digest-options.ts';

/** On the request's state when the response was right and its nonce too old: the challenge says so. */
const staleKey = Symbol('stale digest nonce');

/** The parameters of a Digest header that were checked for form. */
interface DigestParams extends Omit<DigestInput, 'ha1' | 'method' | 'body'> {
  readonly username: string;
  readonly isUserhash: boolean;
  readonly response: string;
}

/**
 * HTTP Digest access authentication (RFC 7616, AU33).
 *
 * Checks form, nonce, target and response, then age, then that the count of the nonce was never used. Users need a digest password: see
 * {@link setDigestPassword}.
 */
export class DigestAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers, and guess at the password';

  /**
   * Limits of wrong passwords by account and by address; those of `auth()` unless overridden, null for none. They are counted together
   * with attempts to log in; right passwords do not count.
   */
  readonly loginThrottle: LoginThrottleRates | null | undefined = undefined;

  override checkSetup(view: APIView): void {
    this.requireApp(view, digestOptionsKey, 'digest()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const header = parseAuthorization(request);
    if (header === null || header.scheme !== 'digest') return null;
    const options = request.site.resource(digestOptionsKey);
    const params = readParams(parseAuthParams(header.rest), options);

    const issuedAt = options.nonces.issuedAt(params.nonce);
    if (issuedAt === null) fail();
    // The target as sent: a router's or a URL object's spelling is another one (RFC 7616, section 3.4.6).
    if (params.uri !== request.target) throw new ParseError('The uri of the Digest header is not the request target.');
    // A whole URL names a host that nothing else here looks at.
    if (!params.uri.startsWith('/')) fail();

    const credential = await findCredential(request, params, options);
    const ha1 = credential === null ? null : openStoredSecret(request.site, credential, credential.ha1Sealed);
    // An unknown name takes as long as a known one.
    const input = await this.#input(request, params, ha1 ?? secretBox(request.site).open(options.decoySealed));
    const isRight = constantTimeEqual(digestResponse(input), params.response) && ha1 !== null;
    await throttleGuesses(request, credential?.user.getUsername() ?? params.username, isRight, this.loginThrottle);
    if (credential === null || !isRight) fail();

    const expiresAt = issuedAt + options.nonceLifetime * 1000;
    if (request.site.clock() > expiresAt) {
      request.state.set(staleKey, true);
      fail();
    }
    const { user } = credential;
    if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
    // A count is a number: some clients write it in capitals.
    const use = [params.nonce, params.nc.toLowerCase()];
    if (!(await replayMemory(request.site).remember('digest', use, expiresAt + 1000))) fail();
    if (options.authenticationInfo) announce(request, input, options);
    return { user, auth: null };
  }

  async #input(request: Request, params: DigestParams, ha1: string): Promise<DigestInput> {
    const input = { ...params, ha1, method: request.method };
    return params.qop === 'auth-int' ? { ...input, body: await request.rawBody() } : input;
  }

  /** One challenge: some clients take the last of several, which would be the weakest. */
  override authenticateHeader(request: Request): string {
    const { realm, algorithms, qop, nonces, opaque, userhash } = request.site.resource(digestOptionsKey);
    const stale = request.state.get(staleKey) === true;
    return [
      `Digest realm="${realm}"`,
      `qop="${qop.join(', ')}"`,
      `algorithm=${algorithms[0]}`,
      `nonce="${nonces.issue()}"`,
      `opaque="${opaque}"`,
      'charset=UTF-8',
      ...(userhash ? ['userhash=true'] : []),
      ...(stale ? ['stale=true'] : []),
    ].join(', ');
  }
}

function fail(): never {
  throw new AuthenticationFailed('Invalid digest credentials.');
}

function readParams(params: Map<string, string>, options: DigestOptions): DigestParams {
  const need = (name: string): string => {
    const value = params.get(name);
    if (value === undefined) throw new ParseError(`The Digest header has no ${name}.`);
    return value;
  };
  const [nonce, uri, response, nc, cnonce] = [need('nonce'), need('uri'), need('response'), need('nc'), need('cnonce')];
  const algorithm = options.algorithms.find(
    (known) => known.toLowerCase() === (params.get('algorithm') ?? 'MD5').toLowerCase(),
  );
  const qop = options.qop.find((known) => known === need('qop'));
  if (need('realm') !== options.realm || algorithm === undefined || params.get('opaque') !== options.opaque) fail();
  if (qop === undefined) throw new ParseError('The Digest header asks for a qop that was not offered.');
  if (!/^[0-9a-f]{8}$/i.test(nc)) throw new ParseError('The nc of the Digest header is not eight hexadecimal digits.');
  if (!/^[0-9a-f]+$/.test(response) || nonce === '' || cnonce === '') fail();
  return {
    ...readUsername(params),
    algorithm: algorithm as DigestAlgorithm,
    qop: qop as DigestQop,
    nonce,
    uri,
    response,
    nc,
    cnonce,
  };
}

function readUsername(params: Map<string, string>): Pick<DigestParams, 'username' | 'isUserhash'> {
  const plain = params.get('username');
  const extended = params.get('username*');
  const isUserhash = params.get('userhash')?.toLowerCase() === 'true';
  if (plain !== undefined && extended === undefined) {
    // Header bytes come as Latin-1, clients write names in UTF-8.
    return { username: Buffer.from(plain, 'latin1').toString('utf8'), isUserhash };
  }
  const value = /^utf-8'[^']*'([\w!#$&+.^`|~%-]*)$/i.exec(extended ?? '')?.[1];
  if (plain !== undefined || value === undefined || isUserhash) {
    throw new ParseError('The Digest header must have one user name, as username or username*.');
  }
  try {
    return { username: decodeURIComponent(value), isUserhash };
  } catch {
    throw new ParseError('The username* of the Digest header is not percent-encoded UTF-8.');
  }
}

async function findCredential(
  request: Request,
  { username, isUserhash, algorithm }: DigestParams,
  { realm }: DigestOptions,
): Promise<DigestCredential | null> {
  const base = baseOf(algorithm);
  const named = isUserhash ? 'userhash' : `user.${userModel(request).usernameField}`;
  const where = { realm, algorithm: base, [named]: username };
  const credential = await findEntity(request, DigestCredential, where, ['user']);
  // The name is part of the key, so a user who was renamed needs a new one; the stored hash is of the former name.
  if (credential?.userhash !== digestUserhash(base, credential?.user.getUsername() ?? '', realm)) return null;
  return credential;
}

/**
 * Proves to the client that we knew the password as well (RFC 7616, section 3.5); with `auth-int` also that the answer is ours, unless it
 * is a stream.
 */
function announce(request: Request, input: DigestInput, options: DigestOptions): void {
  request.onRendered((response) => {
    const { content } = response;
    if (
      input.qop === 'auth-int' &&
      !(content === null || typeof content === 'string' || content instanceof Uint8Array)
    ) {
      return;
    }
    const body = request.method === 'HEAD' ? '' : (content ?? '');
    const rspauth = digestResponse({ ...input, method: '', body: Buffer.from(body as string | Uint8Array) });
    response.headers.set(
      'authentication-info',
      `rspauth="${rspauth}", qop=${input.qop}, nc=${input.nc}, cnonce="${input.cnonce.replace(/["\\]/g, '\\$&')}", ` +
        `nextnonce="${options.nonces.issue()}"`,
    );
  });
}
