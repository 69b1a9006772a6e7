import { challengeMissingScopes, parseAuthorization, sharesScheme, tellMissingScopes } from '@rf/auth';
import { APIException, AuthenticationFailed } from '@rf/exceptions';
import { type Authenticated, type Awaitable, BaseAuthentication, type Request } from '@rf/views';
import { type Challenge, formatChallenge } from './challenge.ts';

const stateKey = Symbol('oauth2 challenge');

/** What 2014's clients and the toolkit's know: the reason stands in the challenge (OA02). */
const NOT_PROVIDED = 'Authentication credentials were not provided.';

/** `Authorization: Bearer …` as RFC 6750 has it: where the token stands, and what a refusal says. */
export abstract class BearerAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the token';

  /** Leave tokens that cannot be ours to the next class. Null, the default: when a later class of the view is one for Bearer. */
  fallThrough: boolean | null = null;

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const text = await this.readToken(request);
    if (text === null) return null;
    const authenticated = await this.authenticateToken(request, text);
    const resourceMetadata = this.getResourceMetadataUrl(request) ?? undefined;
    challengeMissingScopes(request, this.realm(request), { resource_metadata: resourceMetadata });
    if (this.tellsScopes(request)) tellMissingScopes(request);
    return authenticated;
  }

  override authenticateHeader(request: Request): string {
    const challenge = request.state.get(stateKey) as Challenge | undefined;
    const resourceMetadata = this.getResourceMetadataUrl(request) ?? undefined;
    return formatChallenge('Bearer', this.realm(request), { ...challenge, resourceMetadata });
  }

  /** Address of the metadata of the view's resource, which challenges name (RFC 9728, section 5.1). Null, the default, names none. */
  protected getResourceMetadataUrl(_request: Request): string | null {
    return null;
  }

  protected abstract realm(request: Request): string;

  /** Whether the body of a 403 for want of scopes lists them (OA03). Default no. */
  protected tellsScopes(_request: Request): boolean {
    return false;
  }

  /** Whether the text looks like a token of this class; what does not is left to a later class for Bearer, if there is one. */
  protected abstract looksLikeOurs(request: Request, text: string): boolean;

  /** Who a token is from. Refuses with {@link refuse}. */
  protected abstract authenticateToken(request: Request, text: string): Promise<Authenticated>;

  /** A token outside the header; null, the default, for none. */
  protected readBodyToken(_request: Request): Awaitable<string | null> {
    return null;
  }

  /** The token of the request; null when there is none, or none of ours. */
  protected async readToken(request: Request): Promise<string | null> {
    const header = parseAuthorization(request);
    const inBody = await this.readBodyToken(request);
    if (header === null || header.scheme !== 'bearer') return inBody;
    const { rest } = header;
    if (rest === '') {
      const detail = 'Invalid bearer header. No credentials provided.';
      request.state.set(stateKey, { error: 'invalid_request', description: detail } satisfies Challenge);
      throw new AuthenticationFailed(detail);
    }
    if (/\s/.test(rest)) {
      throw new AuthenticationFailed('Invalid bearer header. Token string should not contain spaces.');
    }
    const isForeign = !this.looksLikeOurs(request, rest);
    if (isForeign && (this.fallThrough ?? sharesScheme(request, this))) return null;
    // RFC 6750, section 2: one place only, or two readers may see two tokens.
    if (inBody !== null || request.queryParams.has('access_token')) throw new TokenInTwoPlaces(request, this);
    return rest;
  }

  /** Refuses a token that was sent; the challenge tells why. */
  protected refuse(request: Request, description: string): never {
    request.state.set(stateKey, { error: 'invalid_token', description } satisfies Challenge);
    throw new AuthenticationFailed(NOT_PROVIDED);
  }
}

/** 400: a token in the header and another elsewhere (RFC 6750, section 3.1). */
class TokenInTwoPlaces extends APIException {
  static override statusCode = 400;
  static override defaultDetail = 'The access token was sent in more than one way.';
  static override defaultCode = 'invalid_request';

  constructor(request: Request, authentication: BearerAuthentication) {
    super();
    const description = TokenInTwoPlaces.defaultDetail;
    request.state.set(stateKey, { error: 'invalid_request', description } satisfies Challenge);
    request.onResponse((response) => {
      response.headers.set('www-authenticate', authentication.authenticateHeader(request));
    });
  }
}
