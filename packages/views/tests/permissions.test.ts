import {
  AllowAny,
  APIView,
  allOf,
  anyOf,
  authenticationClasses,
  BaseAuthentication,
  BasePermission,
  IsAdminUser,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  isSafeMethod,
  not,
  type PermissionClass,
  permissionClasses,
  type Request,
  SAFE_METHODS,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { someUser, TestSite } from './test-site.ts';

/** `X-User: staff` is staff, any other name is not; with a challenge. */
class HeaderAuthentication extends BaseAuthentication {
  override authenticate(request: Request) {
    const name = request.headers['x-user'];
    if (name === undefined) return null;
    return { user: someUser({ isStaff: name === 'staff', getUsername: () => name }), auth: null };
  }
  override authenticateHeader() {
    return 'Header';
  }
}

class HasShopHeader extends BasePermission {
  override readonly message = 'The X-Shop header is missing.';
  override readonly code = 'no_shop';
  override hasPermission(request: Request) {
    return request.headers['x-shop'] !== undefined;
  }
}

class IsNamedAlice extends BasePermission {
  override readonly message = { reason: 'Only alice may pass.' };
  override async hasPermission(request: Request) {
    return request.user.getUsername() === 'alice';
  }
}

/** May do anything to one's own objects; who is nobody may not even try. */
class IsOwner extends BasePermission {
  override readonly message = 'Only the owner may do this.';
  override hasPermission(request: Request) {
    return request.user.isAuthenticated;
  }
  override async hasObjectPermission(request: Request, _view: APIView, object: { owner: string }) {
    return object.owner === request.user.getUsername();
  }
}

function siteWith(...permissions: PermissionClass[]): TestSite {
  class Look extends APIView {
    override get() {
      return {};
    }
    override post() {
      return {};
    }
    override async put(request: Request) {
      await this.checkObjectPermissions(request, { owner: 'alice' });
      return {};
    }
  }
  authenticationClasses(HeaderAuthentication)(Look);
  permissionClasses(...permissions)(Look);
  return new TestSite(Look);
}

const status = async (site: TestSite, user: string | null, method = 'GET', more: Record<string, string> = {}) =>
  (await site.send({ method, headers: { ...(user === null ? {} : { 'x-user': user }), ...more } })).status;

describe('the stock permissions (PM04, PM05)', () => {
  it.each([
    ['AllowAny', AllowAny, [200, 200, 200]],
    ['IsAuthenticated', IsAuthenticated, [401, 200, 200]],
    ['IsAdminUser', IsAdminUser, [401, 403, 200]],
    ['IsAuthenticatedOrReadOnly', IsAuthenticatedOrReadOnly, [200, 200, 200]],
  ])('%s: nobody, user, staff', async (_name, permission, expected) => {
    const site = siteWith(permission);
    expect([await status(site, null), await status(site, 'bob'), await status(site, 'staff')]).toEqual(expected);
  });

  it('IsAuthenticatedOrReadOnly lets nobody but users change things', async () => {
    const site = siteWith(IsAuthenticatedOrReadOnly);
    const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE'];
    expect(await Promise.all(methods.map((method) => status(site, null, method)))).toEqual([
      200, 200, 200, 401, 401, 401,
    ]);
    expect(await status(site, 'bob', 'POST')).toBe(200);
  });

  it('take a project without users for one without anybody', async () => {
    class Look extends APIView {
      override get() {
        return {};
      }
    }
    for (const permission of [IsAuthenticated, IsAdminUser, IsAuthenticatedOrReadOnly]) {
      permissionClasses(permission)(Look);
      const answer = await new TestSite(Look, { unauthenticatedUser: null }).get();
      expect(answer.status).toBe(permission === IsAuthenticatedOrReadOnly ? 200 : 403);
    }
  });

  it('SAFE_METHODS are those that change nothing', () => {
    expect(SAFE_METHODS).toEqual(['GET', 'HEAD', 'OPTIONS']);
    expect(['GET', 'HEAD', 'OPTIONS', 'POST', 'TRACE', 'get'].map(isSafeMethod)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('several permissions (PM01)', () => {
  it('must all agree, and the first that does not speaks', async () => {
    const site = siteWith(IsAuthenticated, HasShopHeader);
    expect(await status(site, null, 'GET', { 'x-shop': 'a' })).toBe(401);
    expect(await status(site, 'bob')).toBe(403);
    expect(await status(site, 'bob', 'GET', { 'x-shop': 'a' })).toBe(200);
  });

  it('and none of them lets everybody pass', async () => {
    expect(await status(siteWith(), null)).toBe(200);
  });

  it('of a view replace those of the settings', async () => {
    class Closed extends APIView {
      override get() {
        return {};
      }
    }
    const site = new TestSite(Closed, { defaultPermissionClasses: [IsAuthenticated] });
    expect((await site.get()).status).toBe(403);
    permissionClasses()(Closed);
    expect((await new TestSite(Closed, { defaultPermissionClasses: [IsAuthenticated] }).get()).status).toBe(200);
  });

  it('are asked once each, and not at all after one refused', async () => {
    const asked: string[] = [];
    const asking = (name: string, answer: boolean): PermissionClass =>
      class extends BasePermission {
        override hasPermission() {
          asked.push(name);
          return answer;
        }
      };
    await siteWith(asking('a', true), asking('b', false), asking('c', true)).get();
    expect(asked).toEqual(['a', 'b']);
  });
});

describe('a refusal (PM02, PM03)', () => {
  it('tells nobody in particular that credentials are missing', async () => {
    const answer = await siteWith(HasShopHeader).get();
    expect([answer.status, answer.json]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
  });

  it('tells a user the text of the permission', async () => {
    expect((await siteWith(HasShopHeader).get('/', { 'x-user': 'bob' })).json).toEqual({
      detail: 'The X-Shop header is missing.',
    });
    expect((await siteWith(IsNamedAlice).get('/', { 'x-user': 'bob' })).json).toEqual({
      reason: 'Only alice may pass.',
    });
    expect((await siteWith(IsAdminUser).get('/', { 'x-user': 'bob' })).json).toEqual({
      detail: 'You do not have permission to perform this action.',
    });
  });
});

describe('object permissions (PM10)', () => {
  it('are asked where the view has an object, and only there', async () => {
    const site = siteWith(IsOwner);
    expect(await status(site, 'bob')).toBe(200);
    expect(await status(site, 'bob', 'PUT')).toBe(403);
    expect(await status(site, 'alice', 'PUT')).toBe(200);
    expect(await status(site, null, 'PUT')).toBe(401);
  });

  it('say their own text', async () => {
    const answer = await siteWith(IsOwner).send({ method: 'PUT', headers: { 'x-user': 'bob' } });
    expect(answer.json).toEqual({ detail: 'Only the owner may do this.' });
  });
});

describe('composed permissions (PM11, PM12)', () => {
  it.each([
    ['allOf', allOf(IsAuthenticated, IsAdminUser), [401, 403, 403, 200]],
    ['anyOf', anyOf(IsAdminUser, IsNamedAlice), [401, 403, 200, 200]],
    ['not', not(IsAuthenticated), [200, 403, 403, 403]],
    ['nested', anyOf(allOf(IsAuthenticatedOrReadOnly, not(IsNamedAlice)), IsAdminUser), [200, 200, 403, 200]],
    ['three of allOf', allOf(IsAuthenticated, IsNamedAlice, AllowAny), [401, 403, 200, 403]],
    ['three of anyOf', anyOf(not(AllowAny), IsNamedAlice, IsAdminUser), [401, 403, 200, 200]],
  ])('%s: nobody, bob, alice, staff', async (_name, permission, expected) => {
    const site = siteWith(permission);
    const users = [null, 'bob', 'alice', 'staff'];
    expect(await Promise.all(users.map((user) => status(site, user)))).toEqual(expected);
  });

  it('of objects: all, any and none must be the owner', async () => {
    const put = (permission: PermissionClass, user: string) => status(siteWith(permission), user, 'PUT');
    expect([
      await put(allOf(IsAuthenticated, IsOwner), 'alice'),
      await put(allOf(IsAuthenticated, IsOwner), 'bob'),
    ]).toEqual([200, 403]);
    expect([await put(anyOf(IsAdminUser, IsOwner), 'staff'), await put(anyOf(IsAdminUser, IsOwner), 'bob')]).toEqual([
      200, 403,
    ]);
  });

  it('anyOf needs one and the same class to agree at both levels', async () => {
    class NeverForObjects extends BasePermission {
      override hasObjectPermission() {
        return false;
      }
    }
    class OnlyForObjects extends BasePermission {
      override hasPermission() {
        return false;
      }
    }
    expect(await status(siteWith(anyOf(NeverForObjects, OnlyForObjects)), 'bob', 'PUT')).toBe(403);
  });

  it('have no text of their own', async () => {
    expect((await siteWith(allOf(HasShopHeader, AllowAny)).get('/', { 'x-user': 'bob' })).json).toEqual({
      detail: 'You do not have permission to perform this action.',
    });
  });

  it('not() of a class with rules for objects only refuses everybody', async () => {
    class ObjectsOnly extends BasePermission {
      override hasObjectPermission() {
        return false;
      }
    }
    expect(await status(siteWith(not(ObjectsOnly)), 'staff')).toBe(403);
  });

  it('do not ask a later class when an earlier one decides', async () => {
    class Exploding extends BasePermission {
      override hasPermission(): boolean {
        throw new Error('nobody may ask this');
      }
    }
    expect(await status(siteWith(anyOf(AllowAny, Exploding)), null)).toBe(200);
    expect(await status(siteWith(allOf(not(AllowAny), Exploding)), 'bob')).toBe(403);
  });
});
