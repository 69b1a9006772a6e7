import { createHash } from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { APIView } from './api-view.ts';
import { type Awaitable, isPromise } from './awaitable.ts';
import { throttleStoreOf } from './memory-throttle-store.ts';
import { parseRate, type Rate } from './rate.ts';
import type { Request } from './request.ts';
import type { Settings } from './settings.ts';
import type { ThrottleStore, ThrottleVerdict } from './throttle-store.ts';
import { BaseThrottle } from './throttling.ts';

/** Longer names of clients are counted under their hash, so that a long header takes no memory. */
const MAX_IDENT_LENGTH = 128;

/**
 * So many requests in a sliding window, as DRF counts them (TH02, TH09): refused requests do not count.
 *
 * A subclass names its `scope`, whose rate stands in the setting `defaultThrottleRates`, or a `rate` of its own:
 *
 * ```ts
 * class ShopThrottle extends SimpleRateThrottle {
 *   override readonly scope = 'shop';
 *
 *   override getCacheKey(request: Request): string | null {
 *     return this.cacheKey(request.headers['x-shop'] ?? 'nobody');
 *   }
 * }
 * ```
 */
export abstract class SimpleRateThrottle extends BaseThrottle {
  /** Name of the limit; different scopes are counted apart. */
  readonly scope: string | null = null;
  /** `100/day`, `5/10m`, or null for unlimited. Unless set, what `defaultThrottleRates` says for the scope. */
  readonly rate?: string | null;

  readonly #rates = new Map<string | null, Rate | null>();

  /**
   * The name to count the request under; null does not count it and lets it pass (TH10).
   *
   * Make it with `this.cacheKey(…)`, so that scopes do not mix.
   */
  abstract getCacheKey(request: Request, view: APIView): string | null;

  /** The usual key: `throttle_SCOPE_IDENT`. */
  protected cacheKey(ident: string | number, scope: string | null = this.scope): string {
    const text = String(ident);
    const short =
      text.length <= MAX_IDENT_LENGTH ? text : `sha256:${createHash('sha256').update(text).digest('base64url')}`;
    return `throttle_${scope}_${short}`;
  }

  /** The present time in milliseconds since 1970; the project's clock. */
  protected timer(request: Request): number {
    return request.site.clock();
  }

  /** Where requests are counted: the setting `throttleStore`, or the memory of this process. */
  protected getStore(request: Request): ThrottleStore {
    return throttleStoreOf(request.site);
  }

  override check(settings: Settings, _scope: string | null): void {
    this.getRate(this.scope, settings);
  }

  override allowRequest(request: Request, view: APIView): Awaitable<boolean> {
    return this.count(request, view, this.scope);
  }

  /** Counts the request under `scope`; false refuses it. */
  protected count(request: Request, view: APIView, scope: string | null): Awaitable<boolean> {
    const rate = this.getRate(scope, request.site.settings);
    if (rate === null) return true;
    const key = this.getCacheKey(request, view);
    if (key === null) return true;
    const verdict = this.getStore(request).hit(key, rate.limit, rate.windowMs, this.timer(request));
    const conclude = (answer: ThrottleVerdict): boolean => this.#conclude(request, scope, rate, answer);
    return isPromise(verdict) ? verdict.then(conclude) : conclude(verdict);
  }

  /** The rate of `scope`; null for unlimited. Throws ImproperlyConfigured for a rate that is missing or cannot be read. */
  protected getRate(scope: string | null, settings: Settings): Rate | null {
    let rate = this.#rates.get(scope);
    if (rate === undefined) {
      const text = this.rate === undefined ? this.#configuredRate(scope, settings) : this.rate;
      rate = text === null ? null : parseRate(text);
      this.#rates.set(scope, rate);
    }
    return rate;
  }

  #configuredRate(scope: string | null, { defaultThrottleRates }: Settings): string | null {
    const name = this.constructor.name;
    if (scope === null) {
      throw new ImproperlyConfigured(
        `${name} has neither a scope nor a rate: write \`override readonly scope = '…'\` or \`override readonly rate = '100/day'\`.`,
      );
    }
    const rate = defaultThrottleRates[scope];
    if (rate === undefined) {
      throw new ImproperlyConfigured(
        `${name} has the scope ${JSON.stringify(scope)}, and settings.defaultThrottleRates has no rate for it: ` +
          `write defaultThrottleRates: { ${JSON.stringify(scope)}: '100/day' }, or null for no limit.`,
      );
    }
    return rate;
  }

  #conclude(request: Request, scope: string | null, rate: Rate, verdict: ThrottleVerdict): boolean {
    const { allowed, waitMs } = verdict;
    if (!allowed) request.state.set(this, waitMs);
    if (request.site.settings.rateLimitHeaders) announce(request, scope ?? this.constructor.name, rate, verdict);
    return allowed;
  }

  override wait(request: Request, _view: APIView): number | null {
    const waitMs = request.state.get(this) as number | undefined;
    return waitMs === undefined ? null : waitMs / 1000;
  }

  /** Who sent the request: the user's key, or the address for nobody. */
  protected identify(request: Request): string | number {
    const { user } = request;
    // Marked, so that no header passes for the key of a user.
    return user?.isAuthenticated && user.id !== null ? user.id : `address:${this.getIdent(request)}`;
  }
}

/** Tells the limit and what is left of it (draft-ietf-httpapi-ratelimit-headers, W11). */
function announce(
  request: Request,
  name: string,
  { limit, windowMs }: Rate,
  { remaining, waitMs }: ThrottleVerdict,
): void {
  if (remaining === undefined) return;
  const reset = waitMs === 0 ? '' : `;t=${Math.ceil(waitMs / 1000)}`;
  request.onResponse(({ headers }) => {
    headers.append('ratelimit-policy', `"${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`);
    headers.append('ratelimit', `"${name}";r=${remaining}${reset}`);
  });
}

/** Limits clients that nobody logged in as, by address; users pass (TH03). */
export class AnonRateThrottle extends SimpleRateThrottle {
  override readonly scope: string | null = 'anon';

  override getCacheKey(request: Request, _view: APIView): string | null {
    return request.user?.isAuthenticated ? null : this.cacheKey(this.getIdent(request));
  }
}

/** Limits each user, and by address whoever is none (TH04). Subclass it with other scopes for several limits at once. */
export class UserRateThrottle extends SimpleRateThrottle {
  override readonly scope: string | null = 'user';

  override getCacheKey(request: Request, _view: APIView): string | null {
    return this.cacheKey(this.identify(request));
  }
}

/** Limits under the scope that the view names with `throttleScope`; views without one pass (TH05). */
export class ScopedRateThrottle extends SimpleRateThrottle {
  override check(settings: Settings, scope: string | null): void {
    if (scope !== null) this.getRate(scope, settings);
  }

  override allowRequest(request: Request, view: APIView): Awaitable<boolean> {
    const scope = view.getThrottleScope();
    return scope === null || this.count(request, view, scope);
  }

  override getCacheKey(request: Request, view: APIView): string | null {
    return this.cacheKey(this.identify(request), view.getThrottleScope());
  }
}
