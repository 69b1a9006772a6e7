import { createHmac, hkdfSync } from 'node:crypto';
import { type AbstractUser, AuthorizationProvider } from '@rf/auth';
import { ImproperlyConfigured, Throttled } from '@rf/exceptions';
import { type Request, resourceKey, type Site, throttleStoreOf } from '@rf/views';
import type { OAuth2Client } from './client.ts';
import { OAuth2Error } from './oauth2-error.ts';
import type { ResolvedOAuth2Options } from './options.ts';
import type { ProtectedResource } from './protected-resource.ts';
import type { ProviderExtension } from './provider-extension.ts';
import { coversResources, hasResource, isResourceUri, isSameResource } from './resource-indicator.ts';
import { parseScope } from './scope.ts';

/** Under which `oauth2()` puts its provider. */
export const oauth2Resource = resourceKey<OAuth2Provider>('@rf/oauth2');

/** The authorization server of one project: its options and what all of its endpoints share. */
export class OAuth2Provider extends AuthorizationProvider {
  readonly #extensions: ProviderExtension[] = [];

  constructor(
    site: Site,
    readonly options: ResolvedOAuth2Options,
  ) {
    super(site);
  }

  /** Adds to the provider; call it in `ready` of an app, before the first request. */
  extend(extension: ProviderExtension): void {
    this.#extensions.push(extension);
  }

  /** What was added, in the order in which it was. */
  get extensions(): readonly ProviderExtension[] {
    return this.#extensions;
  }

  /** Every scope of the project with the words that the consent page shows for it. */
  get scopes(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.#extensions.map(({ scopes }) => scopes), this.options.scopes);
  }

  /** The names of {@link scopes}. */
  get scopeNames(): readonly string[] {
    return Object.keys(this.scopes);
  }

  /** The provider's own address, as `iss` and the metadata name it. */
  issuer(request: Request): string {
    return this.options.issuer ?? `${request.scheme}://${request.host}`;
  }

  /** Scopes of the project that the client may ask for. */
  scopesOf(client: OAuth2Client): readonly string[] {
    const { scopes } = this;
    return client.scopes.filter((name) => Object.hasOwn(scopes, name));
  }

  /**
   * Those of them that it may have from this user; null for a client that acts for itself.
   *
   * Throws ImproperlyConfigured when the project names a scope that it does not have.
   */
  async scopesFor(client: OAuth2Client, user: AbstractUser | null, request: Request): Promise<readonly string[]> {
    const allowed = this.scopesOf(client);
    const { availableScopes, scopes } = this.options;
    if (availableScopes === null || availableScopes === undefined) return allowed;
    const available = new Set(await availableScopes(client, user, request));
    const unknown = [...available].find((name) => !Object.hasOwn(this.scopes, name));
    if (unknown !== undefined) {
      const found = JSON.stringify(unknown);
      throw new ImproperlyConfigured(`oauth2(): availableScopes() returned ${found}, which is none of scopes.`);
    }
    // Scopes of extensions, `openid` for instance, are no business of the API.
    return allowed.filter((name) => available.has(name) || !Object.hasOwn(scopes, name));
  }

  /**
   * The scopes that a request gets: what it names, or the defaults as far as they are allowed.
   *
   * @param allowed default what the client may ask for
   * Throws OAuth2Error `invalid_scope`.
   */
  resolveScope(
    requested: string | null,
    client: OAuth2Client,
    allowed: readonly string[] = this.scopesOf(client),
  ): readonly string[] {
    const names = requested === null ? this.defaultScopes(client, allowed) : (parseScope(requested) ?? []);
    if (names.length === 0 || names.some((name) => !allowed.includes(name))) throw new OAuth2Error('invalid_scope');
    return names;
  }

  private defaultScopes(client: OAuth2Client, allowed: readonly string[]): readonly string[] {
    const { defaultScopes } = this.options;
    const names = typeof defaultScopes === 'function' ? defaultScopes(client) : defaultScopes;
    return names.filter((name) => allowed.includes(name));
  }

  /** The identifier of this project's API as a protected resource. */
  resource(request: Request): string {
    return this.options.resource ?? this.issuer(request);
  }

  /** Every resource that tokens can be bound to, this project's API first. */
  knownResources(request: Request): readonly string[] {
    const own = this.resource(request);
    return [own, ...Object.keys(this.options.resources).filter((other) => !isSameResource(own, other))];
  }

  /** The resources of {@link knownResources} as their metadata tells them (RFC 9728). */
  protectedResources(request: Request): readonly ProtectedResource[] {
    const { resourceDescription, resources, scopes, bodyTokens } = this.options;
    return this.knownResources(request).map((identifier, at) => ({
      identifier,
      authorizationServers: [this.issuer(request)],
      scopes: Object.keys(scopes),
      bearerMethods: bodyTokens ? ['header', 'body'] : ['header'],
      name: resources[identifier],
      ...(at === 0 && resourceDescription),
    }));
  }

  /**
   * The resources that a request names, as the project spells them; none when it names none.
   *
   * Throws OAuth2Error `invalid_target` (RFC 8707, section 2).
   */
  resolveResources(asked: readonly string[], request: Request): string[] {
    if (asked.length === 0 && this.options.resourceRequired) {
      throw new OAuth2Error('invalid_target', 'Missing resource parameter.');
    }
    if (!asked.every(isResourceUri)) {
      throw new OAuth2Error('invalid_target', 'A resource is an absolute URI without fragment.');
    }
    const known = this.knownResources(request);
    if (!coversResources(known, asked)) throw new OAuth2Error('invalid_target', 'Unknown resource.');
    return known.filter((resource) => hasResource(asked, resource));
  }

  /**
   * The resources of a new access token: those of the authorization, or as many of them as the token request names. One that was
   * bound to none can be bound to this project's API, for which it was allowed.
   *
   * Throws OAuth2Error `invalid_target` (RFC 8707, section 2.2).
   */
  narrowResources(granted: readonly string[], asked: readonly string[], request: Request): string[] {
    if (asked.length === 0 && granted.length > 0) return [...granted];
    const resources = this.resolveResources(asked, request);
    if (!coversResources(granted.length > 0 ? granted : [this.resource(request)], resources)) {
      throw new OAuth2Error('invalid_target', 'The authorization is for other resources.');
    }
    return resources;
  }

  /**
   * Counts one of what must not come in great numbers.
   *
   * @param key of what and of whom
   * Throws Throttled beyond `limit` in the last `windowMs` milliseconds.
   */
  async count(key: string, limit: number, windowMs: number): Promise<void> {
    const { site } = this;
    const { allowed, waitMs } = await throttleStoreOf(site).hit(`oauth2_${key}`, limit, windowMs, site.clock());
    if (!allowed) throw new Throttled(waitMs / 1000);
  }

  /** Digests of `text` under the present secret key and the former ones, the present one first. */
  keyedHashes(purpose: string, text: string): readonly [Buffer, ...Buffer[]] {
    const { secretKey, secretKeyFallbacks } = this.site;
    const digest = (secret: string): Buffer => {
      const key = hkdfSync('sha256', secret, '', `@rf/oauth2 ${purpose}`, 32);
      return createHmac('sha256', Buffer.from(key)).update(text).digest();
    };
    return [digest(secretKey), ...secretKeyFallbacks.map(digest)];
  }
}

/** The provider of a project. Throws when the project lists no `oauth2()` app. */
export function oauth2Provider(owner: Site | { readonly site: Site }): OAuth2Provider {
  return ('site' in owner ? owner.site : owner).resource(oauth2Resource);
}
