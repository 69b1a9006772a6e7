import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable } from '@rf/views';
import { descriptionProblem, type ResourceDescription } from './protected-resource.ts';
import { isResourceUri } from './resource-indicator.ts';
import { isScopeName } from './scope.ts';

/** Options of `oauth2ResourceServer()`. */
export interface ResourceServerOptions {
  /** The other server's introspection endpoint (RFC 7662): https, or http on this very machine. */
  readonly introspectionEndpoint: string;
  /** What this server is registered as there. Needs `clientSecret`; both are sent as HTTP Basic. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** In place of client credentials: an access token for the endpoint, or a function that has a live one; it is called for every question. */
  readonly bearerToken?: string | (() => Awaitable<string>);
  /**
   * Seconds that an answer is remembered at most, never past the token's `exp`: so long a revoked token is still let in. Default 60; 0
   * asks at every request.
   */
  readonly cacheSeconds?: number;
  /** How many live tokens are remembered, and as many that are not. Default 10,000. */
  readonly cacheSize?: number;
  /** Seconds until an answer is waited for no longer. Default 5. */
  readonly timeoutSeconds?: number;
  /** Only tokens whose `iss` is this are let in. Default any, also none. */
  readonly issuer?: string;
  /**
   * The identifier of this API as a protected resource: an absolute URI without fragment (RFC 8707, RFC 9728). Default scheme and host
   * of each request.
   */
  readonly resource?: string;
  /** What the metadata of the resource tells people (RFC 9728, section 2). Default nothing. */
  readonly resourceDescription?: ResourceDescription;
  /** Scopes that this API asks for, for its metadata. Default not told. */
  readonly scopes?: readonly string[];
  /** Issuers of the servers that give its tokens, for its metadata. Default the `issuer`. */
  readonly authorizationServers?: readonly string[];
  /** Only tokens whose `aud` has one of these are let in. Default the `resource`; without it any, also none. */
  readonly audience?: string | readonly string[];
  /** How the other server's tokens begin, `oat_` for one of ours: anything else is refused without a question. Default none. */
  readonly tokenPrefix?: string;
  /** Names that are unknown here become users. Default true. */
  readonly createUsers?: boolean;
  /** The body of a 403 for want of scopes lists them as `required_scopes`. Default false: the challenge names them. */
  readonly errorResponseWithScopes?: boolean;
  /** In challenges. Default `api`. */
  readonly realm?: string;
}

/** Options with their defaults, checked. */
export interface ResolvedResourceServerOptions
  extends Required<
    Omit<ResourceServerOptions, 'clientId' | 'clientSecret' | 'bearerToken' | 'issuer' | 'resource' | 'audience'>
  > {
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly bearerToken: string | (() => Awaitable<string>) | null;
  readonly issuer: string | null;
  readonly resource: string | null;
  /** Null for any. */
  readonly audience: readonly string[] | null;
}

/** Fills in defaults. Throws ImproperlyConfigured for what cannot work. */
export function resolveResourceServerOptions(options: ResourceServerOptions): ResolvedResourceServerOptions {
  const { issuer, resource, audience = resource } = options;
  const resolved: ResolvedResourceServerOptions = {
    cacheSeconds: 60,
    cacheSize: 10_000,
    timeoutSeconds: 5,
    tokenPrefix: '',
    createUsers: true,
    errorResponseWithScopes: false,
    realm: 'api',
    resourceDescription: {},
    scopes: [],
    authorizationServers: issuer === undefined ? [] : [issuer],
    ...options,
    clientId: options.clientId ?? null,
    clientSecret: options.clientSecret ?? null,
    bearerToken: options.bearerToken ?? null,
    issuer: issuer ?? null,
    resource: resource ?? null,
    audience: audience === undefined ? null : [audience].flat(),
  };
  checkEndpoint(resolved.introspectionEndpoint);
  checkCredentials(resolved);
  if (!(resolved.cacheSeconds >= 0)) fail(`cacheSeconds: ${resolved.cacheSeconds} is not a number of seconds.`);
  if (!(resolved.cacheSize >= 0)) fail(`cacheSize: ${resolved.cacheSize} is not a number of tokens.`);
  if (!(resolved.timeoutSeconds > 0 && resolved.timeoutSeconds <= 60)) {
    fail(`timeoutSeconds: ${resolved.timeoutSeconds} is not above 0 and at most 60.`);
  }
  if (resolved.audience?.length === 0)
    fail('audience is empty, so no token would be let in. Name one, or leave it out.');
  if (resource !== undefined && !isResourceUri(resource)) {
    fail(
      `resource: ${JSON.stringify(resource)} is no absolute URI without fragment, such as https://books.example.com.`,
    );
  }
  const problem = descriptionProblem(resolved.resourceDescription);
  if (problem !== null) fail(`resourceDescription.${problem}`);
  const unreadable = resolved.scopes.find((name) => !isScopeName(name));
  if (unreadable !== undefined) fail(`scopes: ${JSON.stringify(unreadable)} is no scope name.`);
  const nowhere = resolved.authorizationServers.find((server) => !/^https?:/.test(server) || !URL.canParse(server));
  if (nowhere !== undefined) {
    fail(`authorizationServers: ${JSON.stringify(nowhere)} is no URL, such as https://login.example.com.`);
  }
  return resolved;
}

/** Whether a URL stays on this machine. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function checkEndpoint(endpoint: string): void {
  if (!URL.canParse(endpoint)) {
    fail(`introspectionEndpoint: ${JSON.stringify(endpoint)} is no URL, such as https://login.example.com/introspect.`);
  }
  const { protocol, username, password, hash } = new URL(endpoint);
  if (username !== '' || password !== '' || hash !== '') {
    fail('introspectionEndpoint has credentials or a fragment. Write clientId and clientSecret, or bearerToken.');
  }
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(endpoint))) {
    fail(`introspectionEndpoint: ${endpoint} is not https: tokens and our credentials would travel in clear.`);
  }
}

function checkCredentials({ clientId, clientSecret, bearerToken }: ResolvedResourceServerOptions): void {
  const hasClient = clientId !== null && clientSecret !== null && clientId !== '' && clientSecret !== '';
  const isHalf = (clientId === null) !== (clientSecret === null);
  if (isHalf || (hasClient ? bearerToken !== null : !bearerToken)) {
    fail('write clientId and clientSecret, or bearerToken: the endpoint answers nobody it does not know.');
  }
  if (typeof bearerToken === 'string' && !isBearerToken(bearerToken)) {
    fail('bearerToken is none: letters, digits and - . _ ~ + / with = at the end.');
  }
}

/** True for what `Authorization: Bearer` can carry (RFC 6750, section 2.1). */
export const isBearerToken = (text: string): boolean => /^[\w.~+/-]+=*$/.test(text);

function fail(text: string): never {
  throw new ImproperlyConfigured(`oauth2ResourceServer(): ${text}`);
}
