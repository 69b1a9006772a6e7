import { AsyncLocalStorage } from 'node:async_hooks';
import { exemptFromCsrf } from '@rf/auth';
import {
  type APIView,
  type Authenticated,
  BaseAuthentication,
  type Request,
  requestListeners,
  type RequestUser,
  type Site,
} from '@rf/views';

/** Who a request is from, without the view's authentication classes being asked (TE02). */
export interface ForcedUser {
  /** Becomes `request.user`; nobody when left out. */
  readonly user?: RequestUser | null;
  /** Becomes `request.auth`. */
  readonly token?: unknown;
}

/** What a test wants of one request beside what is sent. */
export interface CallSettings {
  readonly forced: ForcedUser | null;
  /** Asks for CSRF tokens as of a browser. */
  readonly enforceCsrfChecks: boolean;
  /** Came by https, which a server in process cannot see. */
  readonly secure?: boolean;
}

/** One request of a test on its way, and what went wrong in it. */
export class TestCall {
  #failure: { readonly error: unknown } | null = null;

  constructor(private readonly settings: CallSettings) {}

  /** Prepares a request before its view answers. */
  apply(request: Request): void {
    const { forced, enforceCsrfChecks, secure } = this.settings;
    if (secure) Object.defineProperty(request.http, 'scheme', { value: 'https' });
    if (!enforceCsrfChecks) exemptFromCsrf(request);
    if (forced !== null) {
      const authentication = new ForcedAuthentication(forced);
      request.user = forced.user ?? request.user;
      request.auth = forced.token ?? null;
      request.successfulAuthenticator = authentication;
    }
    this.#watch(request.view);
  }

  /** Throws what a view threw and nobody handled. */
  rethrow(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #watch(view: APIView): void {
    const answer = view.raiseUncaughtException;
    view.raiseUncaughtException = (error) => {
      this.#failure ??= { error };
      return answer.call(view, error);
    };
  }
}

/** Stands for the classes that were not asked. */
class ForcedAuthentication extends BaseAuthentication {
  constructor(private readonly forced: ForcedUser) {
    super();
  }

  override authenticate(request: Request): Authenticated {
    return { user: this.forced.user ?? request.user, auth: this.forced.token ?? null };
  }
}

const calls = new AsyncLocalStorage<TestCall>();
const prepared = new WeakSet<Site>();

/** Runs `work`, whose requests to `site` belong to `call`. */
export function runCall<Result>(site: Site, call: TestCall, work: () => Promise<Result>): Promise<Result> {
  if (!prepared.has(site)) {
    prepared.add(site);
    site.resource(requestListeners).push((request) => calls.getStore()?.apply(request));
  }
  return calls.run(call, work);
}
