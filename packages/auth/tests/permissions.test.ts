import {
  createSuperuser,
  createUser,
  DjangoModelPermissions,
  DjangoModelPermissionsOrAnonReadOnly,
  DjangoObjectPermissions,
  Group,
  hasModulePerms,
  hasPerm,
  Permission,
  RemoteUserAuthentication,
  scopeRequired,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenHasScope,
  TokenMatchesOASRequirements,
  User,
  users,
} from '@rf/auth';
import { db } from '@rf/orm';
import {
  APIView,
  apiView,
  type Authenticated,
  authenticationClasses,
  BaseAuthentication,
  path,
  permissionClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestServer } from './server.ts';

/** Knows users by the header X-User, and their scopes by X-Scopes. */
class HeaderAuthentication extends BaseAuthentication {
  override async authenticate(request: Request): Promise<Authenticated | null> {
    const username = request.headers['x-user'];
    if (username === undefined) return null;
    const user = await users(request).findOneByOrFail({ username });
    const scopes = request.headers['x-scopes'];
    return { user, auth: scopes === undefined ? null : { scopes: new Set(scopes.split(' ')) } };
  }
  override authenticateHeader(): string {
    return 'Header';
  }
}

abstract class Everything extends APIView {
  queryset: typeof User | undefined = User;
  requiredScopes: string[] | undefined = ['music'];
  override async get(request: Request): Promise<unknown> {
    return { perm: await hasPerm(request, 'auth.add_user'), module: await hasModulePerms(request, 'auth') };
  }
  override post(): unknown {
    return {};
  }
  override patch(): unknown {
    return {};
  }
  override delete(): unknown {
    return {};
  }
}

function view(permission: new () => object, members: object = {}): new () => APIView {
  @authenticationClasses(HeaderAuthentication)
  @permissionClasses(permission as never)
  class View extends Everything {
    constructor() {
      super();
      Object.assign(this, members);
    }
  }
  return View;
}

class ObjectView extends Everything {
  override async patch(): Promise<unknown> {
    await this.checkObjectPermissions(this.request, {});
    return {};
  }
  override async get(): Promise<unknown> {
    await this.checkObjectPermissions(this.request, {});
    return {};
  }
}
authenticationClasses(HeaderAuthentication)(ObjectView);
permissionClasses(DjangoObjectPermissions)(ObjectView);

class ReadNeedsView extends DjangoObjectPermissions {
  override readonly permsMap = { ...new DjangoObjectPermissions().permsMap, GET: ['{app}.view_{model}'] };
}
class HiddenView extends ObjectView {}
permissionClasses(ReadNeedsView)(HiddenView);

@authenticationClasses(RemoteUserAuthentication)
class Remote extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}

const scoped = apiView(
  ['GET'],
  authenticationClasses(HeaderAuthentication),
  scopeRequired('read', 'music'),
)(() => ({ ok: true }));

const urls: UrlEntry[] = [
  path('/model/', view(DjangoModelPermissions)),
  path('/anon/', view(DjangoModelPermissionsOrAnonReadOnly)),
  path('/no-queryset/', view(DjangoModelPermissions, { queryset: undefined })),
  path('/object/', ObjectView),
  path('/hidden/', HiddenView),
  path('/scope/', view(TokenHasScope)),
  path('/read-write/', view(TokenHasReadWriteScope)),
  path('/resource/', view(TokenHasResourceScope)),
  path('/oas/', view(TokenMatchesOASRequirements, { requiredAlternateScopes: { GET: [['a', 'b'], ['c']] } })),
  path('/no-scopes/', view(TokenHasScope, { requiredScopes: undefined })),
  path('/function/', scoped),
  path('/remote/', Remote),
];

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ urls, auth: { backends: [new (await import('@rf/auth')).RemoteUserBackend()] } });
  const manager = db(server.site);
  const permission = (codename: string) => manager.findOneByOrFail(Permission, { codename });
  const editors = await manager.save(
    manager.create(Group, { name: 'editors', permissions: [await permission('change_user')] }),
  );
  const alice = await createUser(server.site, { username: 'alice', password: 'x' });
  alice.groups = [editors];
  alice.userPermissions = [await permission('add_user')];
  await manager.save(alice);
  await createUser(server.site, { username: 'bob', password: 'x' });
  await createUser(server.site, { username: 'gone', password: 'x', isActive: false, isSuperuser: true });
  await createSuperuser(server.site, { username: 'root', password: 'x' });
});
afterAll(() => server.close());
beforeEach(() => server.tested.begin());
afterEach(() => server.tested.rollback());

const status = async (method: string, url: string, user?: string, scopes?: string): Promise<number> =>
  (
    await server.send(method, url, {
      headers: { ...(user !== undefined && { 'X-User': user }), ...(scopes !== undefined && { 'X-Scopes': scopes }) },
    })
  ).status;

test('every model has its four permissions after migrate', async () => {
  const codenames = (await db(server.site).find(Permission)).map(({ codename }) => codename);
  expect(codenames).toEqual(
    expect.arrayContaining(['add_user', 'change_user', 'delete_user', 'view_user', 'add_group']),
  );
});

test.each([
  ['GET', '/model/', undefined, 401],
  ['GET', '/model/', 'bob', 200],
  ['POST', '/model/', 'bob', 403],
  ['POST', '/model/', 'alice', 200],
  ['PATCH', '/model/', 'alice', 200],
  ['DELETE', '/model/', 'alice', 403],
  ['DELETE', '/model/', 'root', 200],
  ['POST', '/model/', 'gone', 403],
  ['GET', '/anon/', undefined, 200],
  ['POST', '/anon/', undefined, 401],
  ['TRACE', '/anon/', 'root', 405],
  ['PATCH', '/object/', 'root', 200],
  ['PATCH', '/object/', 'alice', 403],
  ['PATCH', '/hidden/', 'alice', 404],
  ['GET', '/hidden/', 'root', 200],
])('%s %s as %s is answered %d', async (method, url, user, expected) => {
  if (method === 'TRACE') return expect(await statusOfTrace(url)).toBe(expected);
  expect(await status(method, url, user)).toBe(expected);
});

/** fetch refuses TRACE, so it goes out by hand. */
async function statusOfTrace(url: string): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    request(server.origin + url, { method: 'TRACE', headers: { 'X-User': 'root' } }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test("own permissions and the group's are one set", async () => {
  expect((await server.send('GET', '/anon/', { headers: { 'X-User': 'alice' } })).json).toEqual({
    perm: true,
    module: true,
  });
  expect((await server.send('GET', '/anon/', { headers: { 'X-User': 'bob' } })).json).toEqual({
    perm: false,
    module: false,
  });
});

test.each(['/no-queryset/', '/no-scopes/'])(
  'a view that lacks what its permission needs is an error that says so: %s',
  async (url) => {
    expect(await status('GET', url, 'bob', 'music')).toBe(500);
    expect(server.log.at(-1)).toMatch(/Write `(queryset = SomeEntity|requiredScopes = \['read'\]);`/);
  },
);

test.each([
  ['GET', '/scope/', 'music', 200],
  ['GET', '/scope/', 'Music', 403],
  ['GET', '/scope/', undefined, 403],
  ['GET', '/read-write/', 'music read', 200],
  ['POST', '/read-write/', 'music read', 403],
  ['POST', '/read-write/', 'music write', 200],
  ['GET', '/resource/', 'music:read', 200],
  ['POST', '/resource/', 'music:read', 403],
  ['GET', '/oas/', 'a', 403],
  ['GET', '/oas/', 'b a', 200],
  ['GET', '/oas/', 'c', 200],
  ['POST', '/oas/', 'a b c', 403],
  ['GET', '/function/', 'read music', 200],
  ['GET', '/function/', 'read', 403],
])('%s %s with the scopes %j is answered %d', async (method, url, scopes, expected) => {
  expect(await status(method, url, 'bob', scopes)).toBe(expected);
});

test('a user whom the server in front names is made when unknown, and cannot log in with a password', async () => {
  const { json } = await server.send('GET', '/remote/', { headers: { 'Remote-User': 'rita' } });
  expect(json).toEqual({ user: 'rita' });
  expect((await users(server.site).findOneByOrFail({ username: 'rita' })).hasUsablePassword()).toBe(false);
  expect((await server.send('GET', '/remote/')).json).toEqual({ user: '' });
});
