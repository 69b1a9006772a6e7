import { ImproperlyConfigured } from '@rf/exceptions';
import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';
import type { RequestUser } from './request-user.ts';
import type { ResourceKey } from './site.ts';

/** Who a request is from, and with what it showed that. */
export interface Authenticated {
  readonly user: RequestUser;
  /** The credential, such as a token; null where there is nothing to keep. */
  readonly auth: unknown;
}

/**
 * One way to tell who a request is from (AU12).
 *
 * One object serves all requests of a view: keep nothing of a request on it. What the challenge needs to know belongs in
 * `request.state`.
 */
export abstract class BaseAuthentication {
  /**
   * What anybody on the way could do if the API were served over http, such as `read and use the token`; null, the default, for
   * nothing. `rf check --deploy` tells it of the schemes that the project's views use.
   */
  readonly overHttp: string | null = null;

  /**
   * Returns null when this scheme was not attempted, so that the next class is asked.
   *
   * Throws AuthenticationFailed when it was attempted and is refused; no further class is asked then.
   */
  abstract authenticate(request: Request): Awaitable<Authenticated | null>;

  /**
   * The value of `WWW-Authenticate` for a 401. Null, the default, makes refused requests 403.
   *
   * Only the first class of a view is asked (AU04).
   */
  authenticateHeader(_request: Request): string | null {
    return null;
  }

  /**
   * Called when a view with this class is mounted. Override it to refuse, with ImproperlyConfigured, a project in which the scheme
   * cannot work; {@link requireApp} does for one that stands on an app.
   */
  checkSetup(_view: APIView): void {}

  /**
   * Refuses a project without the app that the scheme stands on.
   *
   * @param key what the app provides
   * @param app how it is written in `apps`, such as `hawk()`
   * @throws ImproperlyConfigured
   */
  protected requireApp(view: APIView, key: ResourceKey<unknown>, app: string): void {
    if (view.site.hasResource(key)) return;
    throw new ImproperlyConfigured(
      `${view.constructor.name} uses ${this.constructor.name}, which needs an app that the project does not have. ` +
        `Write apps: [${app}, …] in defineProject().`,
    );
  }
}

/** A concrete authentication class, made once for each view without arguments. */
export type AuthenticationClass = new () => BaseAuthentication;
