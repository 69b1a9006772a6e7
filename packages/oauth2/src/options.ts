import type { AbstractUser } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable, Request } from '@rf/views';
import { type GrantType, grantTypes, type OAuth2Client } from './client.ts';
import {
  type ClientIdMetadataDocumentOptions,
  type ResolvedDocumentOptions,
  resolveDocumentOptions,
} from './client-metadata/document-options.ts';
import {
  type RegistrationOptions,
  type ResolvedRegistrationOptions,
  resolveRegistrationOptions,
} from './registration/registration-options.ts';
import { descriptionProblem, type ResourceDescription } from './protected-resource.ts';
import { isResourceUri } from './resource-indicator.ts';
import { isScopeName } from './scope.ts';

/** Seconds that things live. */
export interface OAuth2Lifetimes {
  /** Default 60. */
  readonly code: number;
  /** Default 3,600. */
  readonly accessToken: number;
  /** Of a refresh token that is not used. Default 14 days. */
  readonly refreshToken: number;
  /** Of a family of refresh tokens, however often it is used. Default 90 days. */
  readonly refreshFamily: number;
  /** Default 1,800. */
  readonly deviceCode: number;
}

/** Options of `oauth2()`. */
export interface OAuth2Options {
  /** Every scope of the API with the words that the consent page shows for it. */
  readonly scopes: Readonly<Record<string, string>>;
  /** What a request that names no scope gets, as far as its client may; a function says it of each client. Default all scopes. */
  readonly defaultScopes?: readonly string[] | ((client: OAuth2Client) => readonly string[]);
  /**
   * Which scopes a client may have from this user, of those that the client may have at all: by the user's role or tenant, for
   * instance (OA25). `user` is null for a client that acts for itself. It is asked when a user is shown the consent page and whenever
   * tokens are issued or refreshed. Default all.
   */
  readonly availableScopes?: (
    client: OAuth2Client,
    user: AbstractUser | null,
    request: Request,
  ) => Awaitable<Iterable<string>>;
  /**
   * The provider's own address, such as `https://api.example.com`: `iss` in answers (RFC 9207) and the metadata.
   *
   * Default: scheme and host of each request, which only development should rely on.
   */
  readonly issuer?: string;
  /**
   * The identifier of this project's API as a protected resource: an absolute URI without fragment (RFC 8707, RFC 9728). Views that
   * name no `oauth2Resource` of their own belong to it. Default the issuer.
   */
  readonly resource?: string;
  /**
   * Other resources that tokens may be asked for, with the words that the consent page shows: identifiers of APIs that ask the
   * introspection endpoint, and the `oauth2Resource` of this project's own views. Default none.
   */
  readonly resources?: Readonly<Record<string, string>>;
  /** What the metadata of {@link resource} tells people (RFC 9728, section 2). Default nothing. */
  readonly resourceDescription?: ResourceDescription;
  /** Tokens must be bound to a resource: requests that name none are refused, and so are older tokens. Default false. */
  readonly resourceRequired?: boolean;
  readonly lifetimes?: Partial<OAuth2Lifetimes>;
  /** False lets confidential clients leave PKCE out. Default true; public clients always need it. */
  readonly pkceRequired?: boolean;
  /**
   * Switches the resource owner password grant on, for confidential clients that have it among their grants. Default
   * false: RFC 9700, section 2.4, says that it must not be used.
   */
  readonly allowPasswordGrant?: boolean;
  /** Asked before a password is exchanged for tokens; refuse users with a second factor here. Default everybody. */
  readonly mayUsePasswordGrant?: (user: AbstractUser, request: Request) => Awaitable<boolean>;
  /**
   * Seconds in which the predecessor of an unused refresh token may be sent again and yields the same successor, for
   * clients that lose answers. Default 0: a second use ends the family at once.
   */
  readonly refreshGraceSeconds?: number;
  /** A consent is remembered, and the same is not asked again of a client that can keep a secret. Default true. */
  readonly rememberConsent?: boolean;
  /** Public clients may name any port of `http://localhost`, not only of the addresses 127.0.0.1 and [::1]. Default true. */
  readonly localhostPorts?: boolean;
  /**
   * Pages of any origin may speak to the token, revocation and device endpoints (CORS), as public clients in browsers must. No
   * cookie counts there. Default false.
   */
  readonly browserClients?: boolean;
  /** Access tokens are also taken from the form body (RFC 6750, section 2.2), as in 2014. Default false. */
  readonly bodyTokens?: boolean;
  /** As whom a client acts that uses client credentials: nobody, or the user who owns it. Default `nobody`. */
  readonly clientCredentialsUser?: 'nobody' | 'owner';
  /**
   * Grants that a user may choose for an application of their own on the pages. Default `authorization_code`,
   * `refresh_token` and the device grant: `client_credentials` would give anybody tokens with any scope.
   */
  readonly selfServiceGrants?: readonly GrantType[];
  /** May this user register applications, on the pages or at the registration endpoint? Default who is logged in. */
  readonly mayRegister?: (user: AbstractUser) => Awaitable<boolean>;
  /**
   * Lets clients register themselves (RFC 7591) and manage that (RFC 7592); `{}` for the defaults. Default left out: they cannot.
   */
  readonly registration?: RegistrationOptions;
  /**
   * Lets clients in whose id is the address of a document about them
   * (draft-ietf-oauth-client-id-metadata-document); `{}` for the defaults. Default left out: no document is fetched.
   */
  readonly clientIdMetadataDocuments?: ClientIdMetadataDocumentOptions;
  /** Path of the login page; `next` is added. Default that of the URL named `login`, which `authUrls()` has. */
  readonly loginUrl?: string;
  /** Seconds between two polls of a device. Default 5. */
  readonly devicePollSeconds?: number;
  /**
   * The body of a 403 for want of scopes lists them as `required_scopes`, as the toolkit's `ERROR_RESPONSE_WITH_SCOPES` has it (OA03).
   * Default false: the challenge names them.
   */
  readonly errorResponseWithScopes?: boolean;
  /** In challenges. Default `api`. */
  readonly realm?: string;
  /** Called in the transaction that issued tokens; what it throws undoes it. */
  readonly onIssue?: (issued: IssuedTokens, request: Request) => Awaitable<void>;
}

/** What {@link OAuth2Options.onIssue} is told. */
export interface IssuedTokens {
  readonly clientId: string;
  readonly user: AbstractUser | null;
  readonly scope: string;
  /** Identifiers of the resources that the access token is bound to; none for any of this project's. */
  readonly resources: readonly string[];
  readonly grantType: GrantType;
}

/** Options with their defaults, checked. */
export interface ResolvedOAuth2Options
  extends Required<
    Omit<
      OAuth2Options,
      | 'issuer'
      | 'availableScopes'
      | 'resource'
      | 'loginUrl'
      | 'onIssue'
      | 'lifetimes'
      | 'registration'
      | 'clientIdMetadataDocuments'
    >
  > {
  readonly issuer: string | null;
  readonly availableScopes: OAuth2Options['availableScopes'] | null;
  readonly resource: string | null;
  readonly loginUrl: string | null;
  readonly onIssue: OAuth2Options['onIssue'] | null;
  readonly lifetimes: OAuth2Lifetimes;
  /** Null when clients may not register themselves. */
  readonly registration: ResolvedRegistrationOptions | null;
  /** Null when no document is fetched. */
  readonly clientIdMetadataDocuments: ResolvedDocumentOptions | null;
}

const DAY = 86_400;

const LIFETIMES: OAuth2Lifetimes = {
  code: 60,
  accessToken: 3600,
  refreshToken: 14 * DAY,
  refreshFamily: 90 * DAY,
  deviceCode: 1800,
};

/** Fills in defaults. Throws ImproperlyConfigured for what cannot work. */
export function resolveOAuth2Options(options: OAuth2Options): ResolvedOAuth2Options {
  const resolved: ResolvedOAuth2Options = {
    defaultScopes: Object.keys(options.scopes ?? {}),
    resources: {},
    resourceDescription: {},
    resourceRequired: false,
    pkceRequired: true,
    allowPasswordGrant: false,
    mayUsePasswordGrant: () => true,
    refreshGraceSeconds: 0,
    rememberConsent: true,
    localhostPorts: true,
    browserClients: false,
    bodyTokens: false,
    clientCredentialsUser: 'nobody',
    selfServiceGrants: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    mayRegister: () => true,
    devicePollSeconds: 5,
    errorResponseWithScopes: false,
    realm: 'api',
    onIssue: null,
    ...options,
    issuer: options.issuer ?? null,
    availableScopes: options.availableScopes ?? null,
    resource: options.resource ?? null,
    loginUrl: options.loginUrl ?? null,
    lifetimes: { ...LIFETIMES, ...options.lifetimes },
    registration: resolveRegistrationOptions(options.registration),
    clientIdMetadataDocuments: resolveDocumentOptions(options.clientIdMetadataDocuments),
  };
  checkOptions(resolved);
  return resolved;
}

function checkOptions(options: ResolvedOAuth2Options): void {
  const names = Object.keys(options.scopes ?? {});
  if (names.length === 0) fail("scopes is empty. Write for instance scopes: { read: 'Read your data' }.");
  const unreadable = names.find((name) => !isScopeName(name));
  if (unreadable !== undefined) {
    fail(`scopes: ${JSON.stringify(unreadable)} is no scope name; use printable ASCII without spaces and quotes.`);
  }
  const { defaultScopes } = options;
  const unknown =
    typeof defaultScopes === 'function'
      ? undefined
      : defaultScopes.find((name) => !Object.hasOwn(options.scopes, name));
  if (unknown !== undefined) fail(`defaultScopes: ${JSON.stringify(unknown)} is none of scopes (${names.join(', ')}).`);
  for (const [name, seconds] of Object.entries(options.lifetimes)) {
    if (!(seconds > 0)) fail(`lifetimes.${name}: ${seconds} is not a number of seconds above 0.`);
  }
  if (!(options.refreshGraceSeconds >= 0 && options.refreshGraceSeconds <= 60)) {
    fail(`refreshGraceSeconds: ${options.refreshGraceSeconds} is not between 0 and 60.`);
  }
  if (!(options.devicePollSeconds >= 1)) fail(`devicePollSeconds: ${options.devicePollSeconds} is not 1 or more.`);
  const grant = options.selfServiceGrants.find((name) => !grantTypes.includes(name));
  if (grant !== undefined) fail(`selfServiceGrants: ${JSON.stringify(grant)} is none of ${grantTypes.join(', ')}.`);
  if (options.issuer !== null) checkIssuer(options.issuer);
  if (options.resource !== null) checkResource('resource', options.resource);
  const problem = descriptionProblem(options.resourceDescription);
  if (problem !== null) fail(`resourceDescription.${problem}`);
  for (const resource of Object.keys(options.resources)) checkResource('resources', resource);
}

/** RFC 8414, section 2: no query, no fragment; compared letter by letter, so only one spelling is right. */
function checkIssuer(issuer: string): void {
  const isUrl = /^https?:\/\//.test(issuer) && URL.canParse(issuer);
  if (!isUrl || /[?#]/.test(issuer)) {
    fail(`issuer: ${JSON.stringify(issuer)} is not a URL without query and fragment, such as https://api.example.com.`);
  }
  const { href } = new URL(issuer);
  if (href !== issuer && href !== `${issuer}/`) fail(`issuer: ${issuer} is not in normal form; write ${href}.`);
}

function checkResource(option: string, resource: string): void {
  if (isResourceUri(resource)) return;
  const found = JSON.stringify(resource);
  fail(`${option}: ${found} is no absolute URI without fragment, such as https://api.example.com/books.`);
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`oauth2(): ${text}`);
}
