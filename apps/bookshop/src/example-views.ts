import {
  APIView,
  AnonRateThrottle,
  apiView,
  HttpResponseRedirect,
  IsAdminUser,
  path,
  permissionClasses,
  QueryParameterVersioning,
  type Request,
  Response,
  throttleClasses,
  type UrlEntry,
  versioningClass,
} from '@rf/views';

/** Function views may also be static methods. */
export class Hooks {
  @apiView(['POST'])
  @permissionClasses(IsAdminUser)
  static deploy(request: Request): Response {
    return new Response({ deployed: true, by: request.user.getUsername() }, { status: 202 });
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

const home = apiView(['GET'])(() => new HttpResponseRedirect('/api/'));

export const exampleUrls: UrlEntry[] = [
  path('/', home),
  path('/hooks/deploy/', Hooks.deploy),
  path('/ping/', Ping),
  path('/greeting/', Greeting),
];
