// Compiled with standard decorators; see ../standard-decorators.test.ts, which compares what this prints.
import {
  APIView,
  AllowAny,
  apiView,
  BasePermission,
  IsAdminUser,
  IsAuthenticated,
  inheritedPolicies,
  JSONRenderer,
  ownPolicies,
  path,
  permissionClasses,
  type Request,
  rendererClasses,
  throttleScope,
} from '@rf/views';
import { TestSite } from '../test-site.ts';

class Refusing extends BasePermission {
  override hasPermission() {
    return false;
  }
}

@permissionClasses(IsAuthenticated)
@rendererClasses(JSONRenderer)
class Base extends APIView {
  override get(_request: Request) {
    return 'x';
  }

  @permissionClasses(IsAdminUser)
  @throttleScope('uploads')
  override async post(_request: Request) {
    return 'x';
  }
}

@permissionClasses(AllowAny)
class Open extends Base {}

class Hooks {
  static greeting = 'deployed';

  @apiView(['POST'])
  @permissionClasses()
  static async deploy(request: Request) {
    return [this.greeting, request.data];
  }

  @apiView(['POST'], permissionClasses(Refusing))
  static closed() {
    return 'x';
  }
}

const names = (classes: readonly { name: string }[] | undefined): string[] => (classes ?? []).map(({ name }) => name);

function messageOf(write: () => unknown): string {
  try {
    write();
    return 'nothing was thrown';
  } catch (error) {
    return (error as Error).message;
  }
}

const site = new TestSite([path('/open/', Open), path('/deploy/', Hooks.deploy), path('/closed/', Hooks.closed)]);
const send = async (method: string, url: string, body?: unknown) => {
  const answer = await site.send({ method, path: url, body });
  return [answer.status, answer.json];
};

process.stdout.write(
  JSON.stringify({
    inherited: names(inheritedPolicies(Open).permissionClasses),
    own: names(ownPolicies(Base).permissionClasses),
    method: names(ownPolicies(Base.prototype.post).permissionClasses),
    scope: ownPolicies(Base.prototype.post).throttleScope,
    open: await send('GET', '/open/'),
    guarded: await send('POST', '/open/'),
    deploy: await send('POST', '/deploy/', { a: 1 }),
    closed: await send('POST', '/closed/'),
    wrongOrder: messageOf(() => {
      class Wrong {
        @permissionClasses(AllowAny)
        @apiView(['POST'])
        static run() {}
      }
      return Wrong;
    }),
    notStatic: messageOf(() => {
      class Wrong {
        @apiView(['POST'])
        run(_request: Request) {}
      }
      return Wrong;
    }),
  }),
);
