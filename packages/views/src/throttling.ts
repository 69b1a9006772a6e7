import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';
import type { Settings } from './settings.ts';

/** Limits how often requests are answered (TH10). One object serves all requests of a view: keep nothing on it. */
export abstract class BaseThrottle {
  /** Counts the request; false refuses it. */
  abstract allowRequest(request: Request, view: APIView): Awaitable<boolean>;

  /** Seconds, fractions allowed, until a refused request may be repeated; null when unknown. */
  wait(_request: Request, _view: APIView): number | null {
    return null;
  }

  /**
   * Looks at the project when a view is mounted. Throws ImproperlyConfigured for what cannot work, so that it is found at start-up.
   *
   * @param scope what `throttleScope` says for the view; null for nothing
   */
  check(_settings: Settings, _scope: string | null): void {}

  /**
   * What tells anonymous clients apart (TH08): with the setting `numProxies` the address that so many proxies saw, without it all
   * of `X-Forwarded-For`, and the address of the connection when that header is absent.
   *
   * Where `trustedProxies` is set and `numProxies` is not, it is `request.remoteAddress`.
   */
  protected getIdent(request: Request): string {
    const { numProxies, trustedProxies } = request.site.settings;
    const forwarded = request.headers['x-forwarded-for'];
    if (numProxies === null && trustedProxies > 0) return request.remoteAddress;
    if (!forwarded || numProxies === 0) return request.http.remoteAddress;
    if (numProxies === null) return forwarded.replace(/\s+/g, '');
    const addresses = forwarded.split(',');
    return (addresses.at(-Math.min(numProxies, addresses.length)) as string).trim();
  }
}

/** A concrete throttle class, made once for each view without arguments. */
export type ThrottleClass = new () => BaseThrottle;
