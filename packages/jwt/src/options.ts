import type { AbstractUser } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable, Request } from '@rf/views';
import { isJwtAlgorithm, type JwtAlgorithm, jwtAlgorithms } from './algorithms.ts';
import type { KeyMaterial } from './jwt-key.ts';
import { defaultTokenMessages, type TokenMessages } from './token-messages.ts';
import type { TokenClass } from './token.ts';
import type { TokenSerializers } from './token-serializers.ts';
import type { RefreshToken } from './refresh-token.ts';
import type { SlidingToken } from './sliding-token.ts';

/** Cookies that carry tokens in place of the header and the body (W15). All are HttpOnly. */
export interface JwtCookieOptions {
  /** Path of the refresh cookie: the prefix given to `jwtUrls()`, so that no other request carries it. */
  readonly refreshPath: string;
  /** Default `access_token`. */
  readonly accessName?: string;
  /** Default `refresh_token`. */
  readonly refreshName?: string;
  /** Path of the access cookie. Default `/`. */
  readonly accessPath?: string;
  readonly domain?: string;
  /** Default `auto`: set on answers to https requests, as the session cookie of `auth()`. */
  readonly secure?: boolean | 'auto';
  /** Default `Lax`. `None` lets other sites send the cookies along, so that only the CSRF token protects. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None';
}

/** Options of `jwt()`. Names and defaults are simplejwt's in camelCase, lifetimes in seconds (JW14). */
export interface JwtOptions {
  // ---- lifetimes, seconds
  /** Default 300. */
  readonly accessTokenLifetime?: number;
  /** Default 86,400. */
  readonly refreshTokenLifetime?: number;
  /** Default 300. */
  readonly slidingTokenLifetime?: number;
  /** How long a sliding token can be renewed. Default 86,400. */
  readonly slidingTokenRefreshLifetime?: number;
  /** A token whose `exp` is further away is refused. Default 366 days. */
  readonly maxTokenLifetime?: number;

  // ---- keys
  /** Default `HS256`. */
  readonly algorithm?: JwtAlgorithm;
  /**
   * Signs. PEM text, a JWK or a key object; for HS algorithms a secret of at least as many bytes as the digest.
   * Default for HS algorithms: the project's `secretKey`, whose fallbacks then verify too.
   */
  readonly signingKey?: KeyMaterial;
  /** Verifies; default the public half of `signingKey`. Alone, it makes a project that only verifies. */
  readonly verifyingKey?: KeyMaterial;
  /** Name of the key in token headers. Default: RFC 7638 thumbprint for public keys, none for secrets. */
  readonly keyId?: string;
  /** Former keys, verifying only. */
  readonly verifyingKeyFallbacks?: readonly KeyMaterial[];
  /** `table`: keys are rows of `jwt_signing_key`, made by `rf generate-jwt-key` and `rf rotate-jwt-key`. */
  readonly keys?: 'settings' | 'table';
  /** `https:` address of another issuer's key set, to verify with. It is the only place keys are fetched from. */
  readonly jwksUrl?: string;
  /** How the key set is fetched, for networks with a proxy or a certificate authority of their own. Default `fetch`. */
  readonly jwksFetch?: typeof fetch;

  // ---- claims
  /** `aud` that is set and must be found. With none, tokens that name an audience are refused. */
  readonly audience?: string | readonly string[];
  /** `iss` that is set and must be found. */
  readonly issuer?: string;
  /** Seconds by which clocks may differ. Default 0. */
  readonly leeway?: number;
  /** `typ` header. Default `JWT`, which may also be absent; any other, such as `at+jwt` of RFC 9068, must be there. */
  readonly typ?: string;
  /** Default `token_type`. Null, for tokens of another issuer that have no such claim, takes every good token as every kind. */
  readonly tokenTypeClaim?: string | null;
  /** Default `jti`. Null, for tokens of another issuer, asks for no id. */
  readonly jtiClaim?: string | null;
  /** Claim that names the user. Default `user_id`. */
  readonly userIdClaim?: string;
  /** Property of the user entity that the claim holds. Default `id`. */
  readonly userIdField?: string;

  // ---- the header
  /** Words before the token, compared without case (RFC 9110, section 11.1). Default `['Bearer']`; the first is the challenge. */
  readonly authHeaderTypes?: readonly string[];
  /** Lower-case name of the header. Default `authorization`. */
  readonly authHeaderName?: string;
  /**
   * Leave tokens that cannot be a JWT to the next class. Default: when a later class of the view has the same challenge
   * word.
   */
  readonly fallThrough?: boolean;
  /** Carry tokens in cookies: views answer with cookies, JWTAuthentication reads them where the header is absent. */
  readonly cookies?: JwtCookieOptions;

  // ---- users
  /** May this user log in and refresh? Default: exists and is active. */
  readonly userAuthenticationRule?: (user: AbstractUser | null) => Awaitable<boolean>;
  /** Refuse access tokens of inactive users. Default true. */
  readonly checkUserIsActive?: boolean;
  /** End all tokens of a user whose password changes: a keyed hash of the stored password is a claim. Default false. */
  readonly checkRevokeToken?: boolean;
  /** Name of that claim. Default `hash_password`. */
  readonly revokeTokenClaim?: string;
  /** Set the user's `lastLogin` when tokens are obtained. Default false. */
  readonly updateLastLogin?: boolean;
  /** Called after tokens were obtained. */
  readonly onLoginSuccess?: (user: AbstractUser, request: Request) => Awaitable<void>;
  /** Called after a wrong log-in; `username` is what the client sent. */
  readonly onLoginFailed?: (username: string, request: Request) => Awaitable<void>;

  // ---- refresh
  /** A refresh also gives a new refresh token. Default true. */
  readonly rotateRefreshTokens?: boolean;
  /** The old one then ends, and using it again ends its whole family. Default true. */
  readonly blacklistAfterRotation?: boolean;
  /**
   * Seconds for which a spent refresh token that comes again is only refused, without ending its family: for clients that
   * refresh from several tabs at once. Default 0. The requests that truly overlap never end it.
   */
  readonly reuseGrace?: number;
  /** Keep outstanding and blacklisted tokens in their tables. Default true; without it nothing can be taken back. */
  readonly blacklist?: boolean;
  /** Refuse access tokens once their refresh family has ended (log-out, re-use): one query a request. Default false. */
  readonly checkFamily?: boolean;

  // ---- classes
  /** Kinds of token that authenticate a request. Default `[AccessToken]`. */
  readonly authTokenClasses?: readonly TokenClass[];
  /** What the obtain and refresh views issue; subclass it for claims of your own. Default `RefreshToken`. */
  readonly refreshTokenClass?: typeof RefreshToken;
  /** Default `SlidingToken`. */
  readonly slidingTokenClass?: typeof SlidingToken;
  /** Replacements of single serializers, such as `{ obtainPair: MyTokenObtainPairSerializer }`. */
  readonly serializers?: Partial<TokenSerializers>;
  /** Texts for refused tokens, where clients compare them. */
  readonly messages?: Partial<TokenMessages>;
}

type Defaulted =
  | 'accessTokenLifetime'
  | 'refreshTokenLifetime'
  | 'slidingTokenLifetime'
  | 'slidingTokenRefreshLifetime'
  | 'maxTokenLifetime'
  | 'algorithm'
  | 'keys'
  | 'leeway'
  | 'typ'
  | 'tokenTypeClaim'
  | 'jtiClaim'
  | 'userIdClaim'
  | 'userIdField'
  | 'authHeaderTypes'
  | 'authHeaderName'
  | 'userAuthenticationRule'
  | 'checkUserIsActive'
  | 'checkRevokeToken'
  | 'revokeTokenClaim'
  | 'updateLastLogin'
  | 'rotateRefreshTokens'
  | 'blacklistAfterRotation'
  | 'reuseGrace'
  | 'blacklist'
  | 'checkFamily';

/** Options with their defaults, checked. */
export interface ResolvedJwtOptions
  extends Omit<JwtOptions, Defaulted | 'audience' | 'messages' | 'cookies'>,
    Required<Pick<JwtOptions, Defaulted>> {
  readonly audience: readonly string[];
  readonly messages: TokenMessages;
  readonly cookies: (Required<Omit<JwtCookieOptions, 'domain'>> & Pick<JwtCookieOptions, 'domain'>) | undefined;
}

/** Fills in defaults. Throws ImproperlyConfigured for what cannot work or is not safe (W16). */
export function resolveJwtOptions(options: JwtOptions): ResolvedJwtOptions {
  const { audience, messages, cookies, ...rest } = options;
  const resolved: ResolvedJwtOptions = {
    ...DEFAULTS,
    ...rest,
    audience: audience === undefined ? [] : typeof audience === 'string' ? [audience] : audience,
    messages: { ...defaultTokenMessages, ...messages },
    cookies: cookies && { ...COOKIE_DEFAULTS, ...cookies },
  };
  checkOptions(resolved);
  return resolved;
}

const DAY = 86_400;

const DEFAULTS: Required<Pick<JwtOptions, Defaulted>> = {
  accessTokenLifetime: 300,
  refreshTokenLifetime: DAY,
  slidingTokenLifetime: 300,
  slidingTokenRefreshLifetime: DAY,
  maxTokenLifetime: 366 * DAY,
  algorithm: 'HS256',
  keys: 'settings',
  leeway: 0,
  typ: 'JWT',
  tokenTypeClaim: 'token_type',
  jtiClaim: 'jti',
  userIdClaim: 'user_id',
  userIdField: 'id',
  authHeaderTypes: ['Bearer'],
  authHeaderName: 'authorization',
  userAuthenticationRule: (user) => user?.isActive === true,
  checkUserIsActive: true,
  checkRevokeToken: false,
  revokeTokenClaim: 'hash_password',
  updateLastLogin: false,
  rotateRefreshTokens: true,
  blacklistAfterRotation: true,
  reuseGrace: 0,
  blacklist: true,
  checkFamily: false,
};

const COOKIE_DEFAULTS = {
  accessName: 'access_token',
  refreshName: 'refresh_token',
  accessPath: '/',
  secure: 'auto',
  sameSite: 'Lax',
} as const;

const LIFETIMES = [
  'accessTokenLifetime',
  'refreshTokenLifetime',
  'slidingTokenLifetime',
  'slidingTokenRefreshLifetime',
] as const;

function checkOptions(options: ResolvedJwtOptions): void {
  if (!isJwtAlgorithm(options.algorithm)) {
    fail(`algorithm: ${JSON.stringify(options.algorithm)} is none of ${jwtAlgorithms.join(', ')}.`);
  }
  for (const name of LIFETIMES) {
    const seconds = options[name];
    if (!(seconds > 0)) fail(`${name}: ${seconds} is not a number of seconds above 0.`);
    if (seconds > options.maxTokenLifetime) {
      fail(
        `${name}: ${seconds} is above maxTokenLifetime (${options.maxTokenLifetime}), so no such token is accepted.`,
      );
    }
  }
  if (!(options.leeway >= 0)) fail(`leeway: ${options.leeway} is not a number of seconds.`);
  if (!options.blacklist && options.rotateRefreshTokens && options.blacklistAfterRotation) {
    fail('rotateRefreshTokens and blacklistAfterRotation need the tables: leave blacklist on, or set both to false.');
  }
  if (!options.blacklist && options.checkFamily) fail('checkFamily needs the tables: leave blacklist on.');
  if (options.authHeaderTypes.length === 0) fail("authHeaderTypes is empty. Write authHeaderTypes: ['Bearer'].");
  if (options.keys === 'table' && (options.signingKey ?? options.verifyingKey ?? options.jwksUrl) !== undefined) {
    fail("keys: 'table' takes its keys from jwt_signing_key. Remove signingKey, verifyingKey and jwksUrl, or keys.");
  }
  const onlyVerifies = options.jwksUrl !== undefined || (options.verifyingKey !== undefined && !options.signingKey);
  if ((options.tokenTypeClaim === null || options.jtiClaim === null) && !onlyVerifies) {
    fail(
      'tokenTypeClaim and jtiClaim may be null only where another issuer makes the tokens, by jwksUrl or a verifyingKey ' +
        'alone: here a refresh token would pass as an access token.',
    );
  }
  if (options.jwksUrl !== undefined && !options.jwksUrl.startsWith('https://')) {
    fail(`jwksUrl: ${JSON.stringify(options.jwksUrl)} does not start with https://.`);
  }
  if (options.jwksUrl !== undefined && (options.signingKey ?? options.verifyingKey) !== undefined) {
    fail('jwksUrl trusts another issuer. Remove signingKey and verifyingKey, or jwksUrl.');
  }
  if (options.jwksUrl !== undefined && options.algorithm.startsWith('HS')) {
    fail(`jwksUrl serves public keys, but algorithm is ${options.algorithm}. Write for instance algorithm: 'RS256'.`);
  }
  if (options.cookies !== undefined && !options.cookies.refreshPath.startsWith('/')) {
    fail(`cookies.refreshPath: ${JSON.stringify(options.cookies.refreshPath)} does not start with /.`);
  }
  if (options.cookies?.sameSite === 'None' && options.cookies.secure === false) {
    fail("cookies: browsers drop sameSite: 'None' without secure: true.");
  }
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`jwt(): ${text}`);
}
