import { BasicAuthentication, SessionAuthentication, TokenHasScope } from '@rf/auth';
import { AccessTokenAuthentication } from '@rf/authtoken';
import {
  APIView,
  AnonRateThrottle,
  apiView,
  authenticationClasses,
  IsAdminUser,
  IsAuthenticated,
  path,
  permissionClasses,
  QueryParameterVersioning,
  type Request,
  Response,
  throttleClasses,
  type UrlEntry,
  versioningClass,
} from '@rf/views';
import { ExampleAuthentication } from './example-authentication.ts';

/** A class view with policies of its own. */
@authenticationClasses(SessionAuthentication, BasicAuthentication)
@permissionClasses(IsAuthenticated)
export class ExampleView extends APIView {
  override description = 'Who you are, and with what you showed it.';

  override get(request: Request): Response {
    return new Response({ user: String(request.user), auth: request.auth && String(request.auth) });
  }
}

/** The same as a function. */
export const exampleView = apiView(
  ['GET'],
  authenticationClasses(SessionAuthentication, BasicAuthentication),
  permissionClasses(IsAuthenticated),
)(function exampleView(request) {
  return new Response({ user: String(request.user), auth: request.auth && String(request.auth) });
});

/** Function views may also be static methods. */
export class Hooks {
  @apiView(['POST'])
  @permissionClasses(IsAdminUser)
  static deploy(request: Request): Response {
    return new Response({ deployed: true, by: request.user.getUsername() }, { status: 202 });
  }
}

/** Knows its callers by the header `X-Username`. */
@authenticationClasses(ExampleAuthentication)
@permissionClasses(IsAuthenticated)
class Whoami extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}

/** Three times a minute for strangers. */
class PingThrottle extends AnonRateThrottle {
  override readonly scope = 'ping';
  override readonly rate = '3/min';
}

@throttleClasses(PingThrottle)
class Ping extends APIView {
  override get(): unknown {
    return { pong: true };
  }
}

class ShopVersioning extends QueryParameterVersioning {
  override readonly allowedVersions = ['1', '2'];
  override readonly defaultVersion = '1';
}

@versioningClass(ShopVersioning)
class Greeting extends APIView {
  override get(request: Request): unknown {
    return request.version === '2' ? { greeting: { text: 'hello' } } : { greeting: 'hello' };
  }
}

/** Open to access tokens with the scope `stock`. */
@authenticationClasses(AccessTokenAuthentication)
@permissionClasses(TokenHasScope)
class Stock extends APIView {
  requiredScopes = ['stock'];

  override get(request: Request): unknown {
    return { checkedBy: request.user.getUsername() };
  }
}

export const exampleUrls: UrlEntry[] = [
  path('/example/', ExampleView, { name: 'example' }),
  path('/example-function/', exampleView),
  path('/hooks/deploy/', Hooks.deploy as never),
  path('/whoami/', Whoami),
  path('/ping/', Ping),
  path('/greeting/', Greeting),
  path('/stock/', Stock),
];
