import { hashOpaqueToken, WorkQueue } from '@rf/auth';
import { ServiceUnavailable } from '@rf/exceptions';
import { type Request, resourceKey, type Site } from '@rf/views';
import { ExpiringCache } from './expiring-cache.ts';
import type { IntrospectedToken } from './introspected-token.ts';
import { IntrospectionEndpoint } from './introspection-endpoint.ts';
import { IntrospectionFailure } from './introspection-failure.ts';
import type { ProtectedResource } from './protected-resource.ts';
import type { ResolvedResourceServerOptions } from './resource-server-options.ts';

/** Questions that are open at once; the next ones wait. */
const MAX_QUESTIONS = 100;
/** Beyond these, a flood of tokens is refused at once. */
const MAX_WAITING = 1000;

/** Under which `oauth2ResourceServer()` puts what asks for it. */
export const introspectorResource = resourceKey<TokenIntrospector>('@rf/oauth2 introspector');

/** Knows of tokens what another server tells, and remembers it for a while. */
export class TokenIntrospector {
  readonly #endpoint: IntrospectionEndpoint;
  readonly #queue = new WorkQueue(MAX_QUESTIONS, MAX_WAITING);
  /** Questions that are under way: whoever has the same one waits for their answer. */
  readonly #asked = new Map<string, Promise<IntrospectedToken | null>>();
  // Keys are hashes: whoever reads the memory of the process gets no token. Two caches, so that made-up tokens drive out no real ones.
  readonly #active: ExpiringCache<IntrospectedToken>;
  readonly #inactive: ExpiringCache<null>;

  constructor(
    private readonly site: Site,
    readonly options: ResolvedResourceServerOptions,
  ) {
    this.#endpoint = new IntrospectionEndpoint(options);
    this.#active = new ExpiringCache(options.cacheSize);
    this.#inactive = new ExpiringCache(options.cacheSize);
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#active.size + this.#inactive.size;
  }

  /** This API as its metadata tells it (RFC 9728). */
  protectedResource(request: Request): ProtectedResource {
    const { resource, authorizationServers, scopes, resourceDescription } = this.options;
    return {
      identifier: resource ?? `${request.scheme}://${request.host}`,
      authorizationServers,
      scopes,
      bearerMethods: ['header'],
      ...resourceDescription,
    };
  }

  /**
   * What the other server tells of a token; null when it is not active.
   *
   * Throws ServiceUnavailable when it cannot be asked: it is not known then whether the token is good.
   */
  async introspect(text: string): Promise<IntrospectedToken | null> {
    const key = hashOpaqueToken(text);
    const now = this.site.clock();
    const known = this.#active.get(key, now) ?? this.#inactive.get(key, now);
    if (known !== undefined) return known;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.ask(key, text).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  private async ask(key: string, text: string): Promise<IntrospectedToken | null> {
    // From before the question: what the answer says was true some time after that.
    const now = this.site.clock();
    const until = now + this.options.cacheSeconds * 1000;
    // Waiting for one's turn counts, too.
    const signal = AbortSignal.timeout(this.options.timeoutSeconds * 1000);
    try {
      const token = await this.#queue.run(() => this.#endpoint.ask(text, signal));
      if (token === null) this.#inactive.set(key, null, now, until);
      else this.#active.set(key, token, now, Math.min(until, token.expires?.getTime() ?? until));
      return token;
    } catch (error) {
      if (!(error instanceof IntrospectionFailure)) throw error;
      const { origin, pathname } = new URL(this.options.introspectionEndpoint);
      this.site.logger.error(
        { scheme: 'oauth2', endpoint: origin + pathname, reason: error.message },
        'An introspection endpoint cannot be asked',
      );
      throw new ServiceUnavailable();
    }
  }
}

/** What asks about tokens in a project. Throws when the project lists no `oauth2ResourceServer()` app. */
export function tokenIntrospector(owner: Site | { readonly site: Site }): TokenIntrospector {
  return ('site' in owner ? owner.site : owner).resource(introspectorResource);
}
