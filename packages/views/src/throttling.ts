import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';

/** Limits how often requests are answered (TH10). One object serves all requests of a view: keep nothing on it. */
export abstract class BaseThrottle {
  /** Counts the request; false refuses it. */
  abstract allowRequest(request: Request, view: APIView): Awaitable<boolean>;

  /** Seconds, fractions allowed, until a refused request may be repeated; null when unknown. */
  wait(_request: Request, _view: APIView): number | null {
    return null;
  }
}

/** A concrete throttle class, made once for each view without arguments. */
export type ThrottleClass = new () => BaseThrottle;
