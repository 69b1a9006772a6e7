import {
  createSuperuser,
  createUser,
  DjangoModelPermissions,
  DjangoModelPermissionsOrAnonReadOnly,
  DjangoObjectPermissions,
  Group,
  hasModulePerms,
  hasPerm,
  hasPerms,
  IsAuthenticatedOrTokenHasScope,
  Permission,
  RemoteUserAuthentication,
  RemoteUserBackend,
  scopeRequired,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenHasScope,
  TokenMatchesOASRequirements,
  User,
  users,
} from '@rf/auth';
import { ListAPIView, ViewSet } from '@rf/generics';
import { db } from '@rf/orm';
import {
  allOf,
  anyOf,
  APIView,
  apiView,
  type Authenticated,
  authenticationClasses,
  BaseAuthentication,
  IsAdminUser,
  mount,
  not,
  path,
  type PermissionClass,
  permissionClasses,
  type Request,
  type UrlEntry,
  UrlResolver,
  type ViewClass,
} from '@rf/views';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

/** The server in front writes names with the escapes of JSON. */
class UnescapingBackend extends RemoteUserBackend {
  protected override cleanUsername(username: string): string {
    return JSON.parse(`"${username}"`);
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
  path('/object/', ObjectView),
  path('/hidden/', HiddenView),
  path('/scope/', view(TokenHasScope)),
  path('/read-write/', view(TokenHasReadWriteScope)),
  path('/resource/', view(TokenHasResourceScope)),
  path('/oas/', view(TokenMatchesOASRequirements, { requiredAlternateScopes: { GET: [['a', 'b'], ['c']] } })),
  path('/function/', scoped),
  path('/remote/', Remote),
];

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ urls, auth: { backends: [new UnescapingBackend()] } });
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

describe('a view that lacks what its permission needs', () => {
  const mounted = (View: Parameters<typeof path>[1]) => () => {
    const [route] = new UrlResolver([path('/', View)]).routes;
    mount(route as NonNullable<typeof route>, server.site);
  };
  const without = (permission: PermissionClass, members: object = { queryset: undefined }) =>
    mounted(view(permission, members));

  test.each([
    DjangoModelPermissions,
    DjangoModelPermissionsOrAnonReadOnly,
    DjangoObjectPermissions,
    anyOf(IsAdminUser, DjangoModelPermissions),
    not(allOf(DjangoObjectPermissions)),
  ])('names class, member and line when it is mounted: %o', (permission) => {
    expect(without(permission)).toThrow(
      /^Django\w+ cannot be applied on View: its queryset is undefined, and it has no getQueryset\(\)\. Write `queryset = SomeEntity;` in View/,
    );
  });

  test('is told from one that is generic, and from a function', () => {
    class Books extends ListAPIView {
      override getSerializerClass(): never {
        throw new Error('not asked');
      }
    }
    permissionClasses(DjangoModelPermissions)(Books);
    expect(mounted(Books)).toThrow(
      /^'Books' should either include a `queryset`.*Write `queryset = SomeEntity;` in Books/,
    );
    const books = apiView(
      ['GET'],
      permissionClasses(DjangoModelPermissions),
    )(function books() {
      return {};
    });
    expect(mounted(books)).toThrow(/cannot be applied on books.*if that is a function, make it a class/);
  });

  test.each([
    [
      TokenHasScope,
      { requiredScopes: undefined },
      "TokenHasScope cannot be applied on View, which has no requiredScopes. Write `requiredScopes = ['read'];` in View",
    ],
    [TokenHasResourceScope, { requiredScopes: undefined }, 'has no requiredScopes'],
    [IsAuthenticatedOrTokenHasScope, { requiredScopes: undefined }, 'has no requiredScopes'],
    [
      TokenMatchesOASRequirements,
      {},
      "has no requiredAlternateScopes. Write `requiredAlternateScopes = { GET: [['read']] };` in View.",
    ],
  ])('is refused without scopes as well: %o', (permission, members, text) => {
    expect(without(permission, members)).toThrow(text);
  });

  test('is let be where a request may bring it, or it is not needed', () => {
    abstract class NoQueryset extends APIView {
      override get(): unknown {
        return {};
      }
    }
    class ByMethod extends NoQueryset {
      getQueryset(): unknown {
        return this.request.user;
      }
    }
    class ByGetter extends NoQueryset {
      get queryset(): typeof User {
        return this.request.method === 'GET' ? User : (Group as never);
      }
      get requiredScopes(): string[] {
        return [this.request.method];
      }
    }
    class Generic extends ListAPIView<User> {
      override getQueryset(): never {
        throw new Error(`not asked before there is ${String(this.request.user)}`);
      }
      override getSerializerClass(): never {
        throw new Error('not asked');
      }
    }
    class Ignoring extends NoQueryset {
      readonly ignoreModelPermissions = true;
    }
    class Choosing extends NoQueryset {
      override getPermissions() {
        return this.request.method === 'GET' ? [] : super.getPermissions();
      }
    }
    class ChoosingSet extends ViewSet {
      list(): unknown {
        return {};
      }
      override getPermissions() {
        return this.action === 'list' ? [] : super.getPermissions();
      }
    }
    class OwnModel extends DjangoModelPermissions {
      override async hasPermission(request: Request): Promise<boolean> {
        return hasPerms(request, this.getRequiredPermissions(request.method, 'auth', 'user'));
      }
    }
    class OwnScopes extends TokenHasScope {
      override getScopes(): string[] {
        return ['music'];
      }
    }
    class Plain extends NoQueryset {}
    permissionClasses(OwnModel, OwnScopes, TokenHasReadWriteScope)(Plain);
    permissionClasses(DjangoModelPermissions, TokenHasScope)(ByGetter);
    for (const View of [ByMethod, Generic, Ignoring, Choosing, ChoosingSet]) {
      permissionClasses(DjangoObjectPermissions)(View as ViewClass);
    }
    for (const View of [ByMethod, ByGetter, Generic, Ignoring, Choosing, Plain]) expect(mounted(View)).not.toThrow();
    expect(mounted(ChoosingSet.asView({ get: 'list' }))).not.toThrow();
  });
});

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

test('a user whom the server in front names is nobody when no user can have the name, and the log has no error', async () => {
  const count = await users(server.site).count();
  const longest = 'r'.repeat(150);
  const remote = async (name: string) => {
    const { status: code, json } = await server.send('GET', '/remote/', { headers: { 'Remote-User': name } });
    return [code, json];
  };
  expect(await remote(longest)).toEqual([200, { user: longest }]);
  expect(await remote(`${longest}r`)).toEqual([200, { user: '' }]);
  expect(await remote('r'.repeat(7000))).toEqual([200, { user: '' }]);
  for (const name of ['ri\\u0000ta', 'rita\\u0000', 'rita\\ud800'])
    expect(await remote(name)).toEqual([200, { user: '' }]);
  expect(await users(server.site).count()).toBe(count + 1);
  expect(server.log.join('\n')).not.toContain('error');
});
