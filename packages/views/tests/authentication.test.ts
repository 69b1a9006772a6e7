import { AuthenticationFailed, PermissionDenied } from '@rf/exceptions';
import {
  AllowAny,
  APIView,
  type Authenticated,
  type AuthenticationClass,
  authenticationClasses,
  BaseAuthentication,
  BasePermission,
  IsAuthenticated,
  type PermissionClass,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { someUser, TestSite } from './test-site.ts';

/** `X-Username: bob` is bob; other names are refused. No challenge. */
class NameAuthentication extends BaseAuthentication {
  override async authenticate(request: Request): Promise<Authenticated | null> {
    const name = request.headers['x-username'];
    if (name === undefined) return null;
    if (name !== 'bob') throw new AuthenticationFailed('No such user');
    return { user: someUser({ getUsername: () => name }), auth: `name:${name}` };
  }
}

/** The same with a challenge, and without a promise. */
class ChallengeAuthentication extends BaseAuthentication {
  override authenticate(request: Request): Authenticated | null {
    const name = request.headers['x-challenged'];
    if (name === undefined) return null;
    if (name !== 'bob') throw new AuthenticationFailed();
    return { user: someUser({ getUsername: () => name }), auth: null };
  }
  override authenticateHeader(): string {
    return 'Name realm="api"';
  }
}

class Refusing extends BasePermission {
  override readonly message = 'nope';
  override hasPermission() {
    return false;
  }
}

function siteWith(
  authentication: readonly AuthenticationClass[],
  permission: PermissionClass = IsAuthenticated,
): TestSite {
  class Who extends APIView {
    override get(request: Request) {
      return {
        user: request.user.getUsername(),
        auth: request.auth,
        by: request.successfulAuthenticator?.constructor.name ?? null,
      };
    }
  }
  authenticationClasses(...authentication)(Who);
  permissionClasses(permission)(Who);
  return new TestSite(Who);
}

const NOT_PROVIDED = { detail: 'Authentication credentials were not provided.' };

describe('authentication classes (AU02, AU12, AU13)', () => {
  it('recognise the user', async () => {
    const answer = await siteWith([NameAuthentication]).get('/', { 'x-username': 'bob' });
    expect(answer.json).toEqual({ user: 'bob', auth: 'name:bob', by: 'NameAuthentication' });
  });

  it('are asked in order until one knows', async () => {
    const site = siteWith([NameAuthentication, ChallengeAuthentication]);
    expect((await site.get('/', { 'x-challenged': 'bob' })).json.by).toBe('ChallengeAuthentication');
    expect((await site.get('/', { 'x-challenged': 'bob', 'x-username': 'bob' })).json.by).toBe('NameAuthentication');
  });

  it('let anonymous requests pass on an open view (AU01)', async () => {
    expect((await siteWith([NameAuthentication], AllowAny).get()).json).toEqual({ user: '', auth: null, by: null });
  });

  it('end the request when credentials are wrong, on an open view too (AU07)', async () => {
    const answer = await siteWith([NameAuthentication], AllowAny).get('/', { 'x-username': 'eve' });
    expect([answer.status, answer.json]).toEqual([403, { detail: 'No such user' }]);
  });

  it('come from the settings where the view names none', async () => {
    class Who extends APIView {
      override get(request: Request) {
        return request.user.getUsername();
      }
    }
    const site = new TestSite(Who, { defaultAuthenticationClasses: [NameAuthentication] });
    expect((await site.get('/', { 'x-username': 'bob' })).json).toBe('bob');
  });
});

describe('401 or 403 (AU04)', () => {
  const challenge = 'Name realm="api"';

  it.each([
    ['nothing', [ChallengeAuthentication], {}, 401, challenge],
    ['nothing', [NameAuthentication], {}, 403, undefined],
    ['nothing', [NameAuthentication, ChallengeAuthentication], {}, 403, undefined],
    ['nothing', [ChallengeAuthentication, NameAuthentication], {}, 401, challenge],
    ['bad credentials', [ChallengeAuthentication], { 'x-challenged': 'eve' }, 401, challenge],
    ['bad credentials', [NameAuthentication, ChallengeAuthentication], { 'x-challenged': 'eve' }, 403, undefined],
    ['bad credentials', [ChallengeAuthentication, NameAuthentication], { 'x-username': 'eve' }, 401, challenge],
  ])('for %s with %o', async (_what, classes, headers, status, header) => {
    const answer = await siteWith(classes as AuthenticationClass[]).get('/', headers as Record<string, string>);
    expect([answer.status, answer.header('www-authenticate')]).toEqual([status, header]);
  });

  it('says that nothing was provided (AU06)', async () => {
    expect((await siteWith([ChallengeAuthentication]).get()).json).toEqual(NOT_PROVIDED);
  });

  it('is always 403 without a challenge for a user who is known (AU05)', async () => {
    const answer = await siteWith([ChallengeAuthentication], Refusing).get('/', { 'x-challenged': 'bob' });
    expect([answer.status, answer.json, answer.header('www-authenticate')]).toEqual([
      403,
      { detail: 'nope' },
      undefined,
    ]);
  });

  it("is 403 with the permission's message for a view without classes (AU08)", async () => {
    const answer = await siteWith([], Refusing).get();
    expect([answer.status, answer.json]).toEqual([403, { detail: 'nope' }]);
  });

  it('is decided the same way when the handler refuses', async () => {
    class Late extends APIView {
      override get(): never {
        throw new AuthenticationFailed('Card expired.');
      }
    }
    authenticationClasses(ChallengeAuthentication)(Late);
    const answer = await new TestSite(Late).get();
    expect([answer.status, answer.json, answer.header('www-authenticate')]).toEqual([
      401,
      { detail: 'Card expired.' },
      challenge,
    ]);
  });
});

describe('a scheme that fails by mistake (AU09)', () => {
  it('is a 500 that is logged, and not an anonymous user', async () => {
    class Broken extends BaseAuthentication {
      override authenticate(request: Request): null {
        return (request as unknown as { missing: { thing: null } }).missing.thing;
      }
    }
    const site = siteWith([Broken], AllowAny);
    expect((await site.get()).status).toBe(500);
    expect(JSON.stringify(site.log)).toContain('TypeError');
  });

  it('is told what to return when it returned nothing', async () => {
    class Silent extends BaseAuthentication {
      override authenticate() {
        return undefined as unknown as null;
      }
    }
    const site = siteWith([Silent], AllowAny);
    expect((await site.get()).status).toBe(500);
    expect(JSON.stringify(site.log)).toMatch(/Silent\.authenticate\(\) returned nothing/);
  });
});

describe('lazy authentication (AU09)', () => {
  let asked = 0;
  class Counting extends NameAuthentication {
    override authenticate(request: Request) {
      asked += 1;
      return super.authenticate(request);
    }
  }
  @authenticationClasses(Counting)
  class Lazy extends APIView {
    override performAuthentication() {}
    override async get(request: Request) {
      // Reading the user does not settle who it is.
      const before = request.user.isAuthenticated;
      if (request.queryParams.has('look')) await Promise.all([request.authenticate(), request.authenticate()]);
      return [before, request.user.isAuthenticated];
    }
  }
  const site = new TestSite(Lazy);

  it('asks nobody until somebody wants to know', async () => {
    asked = 0;
    expect((await site.get('/', { 'x-username': 'eve' })).json).toEqual([false, false]);
    expect(asked).toBe(0);
  });

  it('asks once when somebody does', async () => {
    asked = 0;
    expect((await site.get('/?look', { 'x-username': 'bob' })).json).toEqual([false, true]);
    expect(asked).toBe(1);
  });

  it('refuses bad credentials then', async () => {
    expect((await site.get('/?look', { 'x-username': 'eve' })).json).toEqual({ detail: 'No such user' });
  });
});

describe('after a failure (AU11)', () => {
  it('the error page can read the user without asking again', async () => {
    let asked = 0;
    class Failing extends BaseAuthentication {
      override async authenticate(): Promise<null> {
        asked += 1;
        throw new AuthenticationFailed();
      }
    }
    class Page extends APIView {
      override async handleException(error: unknown) {
        await this.request.authenticate();
        const answer = await super.handleException(error);
        if (answer instanceof Response) answer.data = { user: String(this.request.user), auth: this.request.auth };
        return answer;
      }
      override get() {
        return {};
      }
    }
    authenticationClasses(Failing)(Page);
    const answer = await new TestSite(Page).get();
    expect([answer.status, answer.json, asked]).toEqual([403, { user: 'AnonymousUser', auth: null }, 1]);
  });
});

describe('the challenge', () => {
  it('may depend on what the scheme kept for this request', async () => {
    class Stateful extends BaseAuthentication {
      override authenticate(request: Request): null {
        request.state.set(this, request.headers['x-error'] ?? 'none');
        return null;
      }
      override authenticateHeader(request: Request): string {
        return `Custom error="${request.state.get(this)}"`;
      }
    }
    const site = siteWith([Stateful]);
    const answers = await Promise.all([site.get('/', { 'x-error': 'one' }), site.get('/', { 'x-error': 'two' })]);
    expect(answers.map((answer) => answer.header('www-authenticate'))).toEqual([
      'Custom error="one"',
      'Custom error="two"',
    ]);
  });

  it('is not on the answer to a user who lacks a permission', async () => {
    class Doors extends APIView {
      override get(): never {
        throw new PermissionDenied();
      }
    }
    authenticationClasses(ChallengeAuthentication)(Doors);
    const answer = await new TestSite(Doors).get('/', { 'x-challenged': 'bob' });
    expect([answer.status, answer.header('www-authenticate')]).toEqual([403, undefined]);
  });
});
