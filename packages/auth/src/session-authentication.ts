import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { authOptionsKey } from './auth-options.ts';
import { enforceCsrf } from './csrf.ts';
import { sessionUser } from './login.ts';

/**
 * The user who logged in with a browser (AU21–AU24). Unsafe requests need a CSRF token; only those that carry a session are asked.
 *
 * It has no challenge, so a refusal is 403; {@link ChallengingSessionAuthentication} answers 401.
 */
export class SessionAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read the cookie and go on in its session';

  override checkSetup(view: APIView): void {
    this.requireApp(view, authOptionsKey, 'auth()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const user = await sessionUser(request);
    if (user === null || !user.isActive) return null;
    await enforceCsrf(request);
    return { user, auth: null };
  }
}

/** The same with 401 for who is not logged in: for browser applications that tell 401 and 403 apart. */
export class ChallengingSessionAuthentication extends SessionAuthentication {
  override authenticateHeader(): string {
    return 'Session';
  }
}
