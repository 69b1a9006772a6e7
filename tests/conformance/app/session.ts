import { authenticate, csrfToken, login, logout, SessionAuthentication } from '@rf/auth';
import { obtainAuthToken } from '@rf/authtoken';
import {
  APIView,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  Response,
  type UrlEntry,
} from '@rf/views';
import { AuthEcho, withPolicies } from './authentication.ts';

@authenticationClasses()
class SessionCsrf extends APIView {
  override get(request: Request): unknown {
    return { csrfToken: csrfToken(request) };
  }
}

@authenticationClasses()
class SessionLogin extends APIView {
  override async post(request: Request): Promise<unknown> {
    const { username, password } = request.data;
    const user = await authenticate(request, { username, password });
    if (user === null) return new Response({ ok: false }, { status: 400 });
    await login(request, user);
    return { ok: true, username: user.getUsername() };
  }
}

@authenticationClasses(SessionAuthentication)
class SessionLogout extends APIView {
  override async post(request: Request): Promise<unknown> {
    await logout(request);
    return { ok: true };
  }
}

const session = authenticationClasses(SessionAuthentication);

export const sessionUrls: UrlEntry[] = [
  path('/session/csrf/', SessionCsrf),
  path('/session/login/', SessionLogin),
  path('/session/logout/', SessionLogout),
  path('/session/echo/', withPolicies(AuthEcho, session)),
  path('/session/private/', withPolicies(AuthEcho, session, permissionClasses(IsAuthenticated))),
  path('/token/', obtainAuthToken),
];
