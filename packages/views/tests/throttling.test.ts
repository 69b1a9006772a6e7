import { ImproperlyConfigured } from '@rf/exceptions';
import {
  AnonRateThrottle,
  APIView,
  BaseAuthentication,
  BaseThrottle,
  authenticationClasses,
  IsAuthenticated,
  MemoryThrottleStore,
  path,
  permissionClasses,
  type Request,
  ScopedRateThrottle,
  SimpleRateThrottle,
  throttleClasses,
  type ThrottleClass,
  throttleScope,
  UserRateThrottle,
  type Settings,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { type Answer, someUser, TestSite } from './test-site.ts';

/** `X-User: 5` is user 5. */
class HeaderAuthentication extends BaseAuthentication {
  override authenticate(request: Request) {
    const id = request.headers['x-user'];
    return id === undefined ? null : { user: someUser({ id: Number(id) }), auth: null };
  }
}

const RATES = { anon: '3/min', user: '3/min', uploads: '2/min', burst: '2/sec', sustained: '3/min' };

function siteWith(throttles: readonly ThrottleClass[], settings: Partial<Settings> = {}): TestSite {
  @authenticationClasses(HeaderAuthentication)
  @throttleClasses(...throttles)
  class Throttled extends APIView {
    override get() {
      return { ok: true };
    }
  }
  return new TestSite(Throttled, { defaultThrottleRates: RATES, ...settings });
}

async function statuses(site: TestSite, times: number, headers: Record<string, string> = {}): Promise<number[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < times; at += 1) answers.push(await site.get('/', headers));
  return answers.map((answer) => answer.status);
}

describe('AnonRateThrottle (TH03)', () => {
  it('admits the rate and then refuses with the wait', async () => {
    const site = siteWith([AnonRateThrottle]);
    expect(await statuses(site, 3)).toEqual([200, 200, 200]);
    site.now += 10_400;
    const refused = await site.get();
    expect(refused.status).toBe(429);
    expect(refused.header('retry-after')).toBe('50');
    expect(refused.json).toEqual({ detail: 'Request was throttled. Expected available in 50 seconds.' });
  });

  it('admits again when the window has slid past the first request', async () => {
    const site = siteWith([AnonRateThrottle]);
    await site.get();
    site.now += 30_000;
    await statuses(site, 2);
    site.now += 29_999;
    expect((await site.get()).status).toBe(429);
    site.now += 1;
    expect(await statuses(site, 2)).toEqual([200, 429]);
  });

  it('does not count refused requests (TH09)', async () => {
    const site = siteWith([AnonRateThrottle]);
    await statuses(site, 8);
    site.now += 60_000;
    expect(await statuses(site, 4)).toEqual([200, 200, 200, 429]);
  });

  it('counts addresses apart', async () => {
    const site = siteWith([AnonRateThrottle]);
    expect(await statuses(site, 4, { 'x-forwarded-for': '10.0.0.1' })).toEqual([200, 200, 200, 429]);
    expect(await statuses(site, 1, { 'x-forwarded-for': '10.0.0.2' })).toEqual([200]);
  });

  it('lets users pass', async () => {
    expect(await statuses(siteWith([AnonRateThrottle]), 5, { 'x-user': '5' })).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('UserRateThrottle (TH04)', () => {
  it('counts users apart and nobody by address', async () => {
    const site = siteWith([UserRateThrottle]);
    expect(await statuses(site, 4, { 'x-user': '5' })).toEqual([200, 200, 200, 429]);
    expect(await statuses(site, 4, { 'x-user': '6' })).toEqual([200, 200, 200, 429]);
    expect(await statuses(site, 4)).toEqual([200, 200, 200, 429]);
  });

  it('takes no header for the key of a user', async () => {
    const site = siteWith([UserRateThrottle]);
    await statuses(site, 4, { 'x-forwarded-for': '5' });
    expect(await statuses(site, 1, { 'x-user': '5' })).toEqual([200]);
  });

  it('is unlimited with the rate null, which is the default (SG03)', async () => {
    const { user, ...others } = RATES;
    expect(
      await statuses(siteWith([UserRateThrottle], { defaultThrottleRates: { ...others, user: null } }), 6),
    ).toEqual(Array(6).fill(200));
    expect(user).toBe('3/min');
  });

  it('limits by several scopes at once', async () => {
    class Burst extends UserRateThrottle {
      override readonly scope = 'burst';
    }
    class Sustained extends UserRateThrottle {
      override readonly scope = 'sustained';
    }
    const site = siteWith([Burst, Sustained]);
    expect(await statuses(site, 3)).toEqual([200, 200, 429]);
    site.now += 1000;
    // The request that `burst` refused counted for `sustained`, which is asked all the same (TH07).
    const answer = await site.get();
    expect(answer.status).toBe(429);
    expect(answer.header('retry-after')).toBe('59');
  });
});

describe('ScopedRateThrottle (TH05)', () => {
  @throttleClasses(ScopedRateThrottle)
  class Uploads extends APIView {
    override throttleScope: string | null = 'uploads';
    override get() {
      return { ok: true };
    }
  }
  @throttleScope('uploads')
  class ByPolicy extends Uploads {
    override throttleScope = null;
  }
  @throttleScope(null)
  class WithoutScope extends Uploads {}

  const site = () =>
    new TestSite([path('/a/', Uploads), path('/b/', ByPolicy), path('/c/', WithoutScope)], {
      defaultThrottleRates: RATES,
    });

  it('counts the views of one scope together', async () => {
    const both = site();
    expect((await both.get('/a/')).status).toBe(200);
    expect((await both.get('/b/')).status).toBe(200);
    expect((await both.get('/a/')).status).toBe(429);
    expect((await both.get('/b/')).status).toBe(429);
  });

  it('lets views without a scope pass', async () => {
    const one = site();
    for (let at = 0; at < 5; at += 1) expect((await one.get('/c/')).status).toBe(200);
  });

  it('limits a single method by a policy above it', async () => {
    class Mixed extends APIView {
      override get() {
        return {};
      }
      @throttleClasses(ScopedRateThrottle)
      @throttleScope('uploads')
      override post() {
        return {};
      }
    }
    const mixed = new TestSite(Mixed, { defaultThrottleRates: RATES });
    for (const expected of [200, 200, 429]) expect((await mixed.send({ method: 'POST' })).status).toBe(expected);
    expect((await mixed.get()).status).toBe(200);
  });
});

describe('SimpleRateThrottle', () => {
  it('counts under the key that a subclass makes, and not at all for null (TH10)', async () => {
    class PerShop extends SimpleRateThrottle {
      override readonly rate = '1/day';
      override readonly scope = 'shop';
      override getCacheKey(request: Request): string | null {
        const shop = request.headers['x-shop'];
        return shop === undefined ? null : this.cacheKey(shop);
      }
    }
    const site = siteWith([PerShop]);
    expect(await statuses(site, 2, { 'x-shop': 'a' })).toEqual([200, 429]);
    expect(await statuses(site, 2, { 'x-shop': 'b' })).toEqual([200, 429]);
    expect(await statuses(site, 3)).toEqual([200, 200, 200]);
  });

  it('uses its own clock and store when a subclass says so', async () => {
    const store = new MemoryThrottleStore();
    let now = 0;
    class Own extends AnonRateThrottle {
      override readonly rate = '1/min';
      protected override timer(): number {
        return now;
      }
      protected override getStore() {
        return store;
      }
    }
    const site = siteWith([Own]);
    expect(await statuses(site, 2)).toEqual([200, 429]);
    now = 60_000;
    expect(await statuses(site, 1)).toEqual([200]);
    now = 60_001;
    store.clear();
    expect(await statuses(site, 1)).toEqual([200]);
  });

  it('shortens long names of clients, so that headers cannot fill the memory', async () => {
    const keys: string[] = [];
    const hit = (key: string) => {
      keys.push(key);
      return { allowed: true, waitMs: 0 };
    };
    const site = siteWith([AnonRateThrottle], { throttleStore: { hit, peek: hit, clear() {} } });
    await site.get('/', { 'x-forwarded-for': '1'.repeat(8000) });
    await site.get('/', { 'x-forwarded-for': '2'.repeat(8000) });
    expect(keys.map((key) => key.length < 100)).toEqual([true, true]);
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe('a throttle that cannot work is refused when the view is mounted (TH02)', () => {
  const mountWith =
    (throttle: ThrottleClass, settings: Partial<Settings> = {}) =>
    () =>
      siteWith([throttle], settings);

  it('without scope and rate', () => {
    class Nothing extends SimpleRateThrottle {
      override getCacheKey() {
        return 'key';
      }
    }
    expect(mountWith(Nothing)).toThrow(/Nothing has neither a scope nor a rate/);
  });

  it('with a scope that has no rate', () => {
    class Lost extends UserRateThrottle {
      override readonly scope = 'lost';
    }
    expect(mountWith(Lost)).toThrow(/Lost has the scope "lost".*defaultThrottleRates: \{ "lost": '100\/day' \}/);
  });

  it('with a rate that cannot be read', () => {
    class Monthly extends UserRateThrottle {
      override readonly rate = '2/month';
    }
    expect(mountWith(Monthly)).toThrow(ImproperlyConfigured);
  });

  it('and so is a rate in the settings, used or not', () => {
    expect(mountWith(AnonRateThrottle, { defaultThrottleRates: { ...RATES, other: '2/month' } })).toThrow(
      /settings\.defaultThrottleRates\.other: .*"2\/month"/,
    );
  });

  it('a view whose throttleScope has no rate', () => {
    @throttleClasses(ScopedRateThrottle)
    class Lost extends APIView {
      override throttleScope = 'lost';
      override get() {
        return {};
      }
    }
    expect(() => new TestSite(Lost)).toThrow(/"lost"/);
  });
});

describe('checking throttles', () => {
  const refusing = (wait: number | null): ThrottleClass =>
    class extends BaseThrottle {
      override allowRequest() {
        return false;
      }
      override wait() {
        return wait;
      }
    };

  it.each([
    [null, 'Request was throttled.', undefined],
    [0.5, 'Request was throttled. Expected available in 1 second.', '1'],
    [6.2, 'Request was throttled. Expected available in 7 seconds.', '7'],
    [0, 'Request was throttled. Expected available in 0 seconds.', undefined],
  ])('tells a wait of %s (TH06)', async (wait, detail, retryAfter) => {
    const answer = await siteWith([refusing(wait)]).get();
    expect(answer.status).toBe(429);
    expect(answer.json).toEqual({ detail });
    expect(answer.header('retry-after')).toBe(retryAfter);
  });

  it('reports the longest wait (TH07)', async () => {
    const answer = await siteWith([refusing(3), refusing(90), refusing(null)]).get();
    expect(answer.header('retry-after')).toBe('90');
  });

  it('happens after permissions, so that refused requests do not count (TH01)', async () => {
    @authenticationClasses(HeaderAuthentication)
    @permissionClasses(IsAuthenticated)
    @throttleClasses(UserRateThrottle)
    class Private extends APIView {
      override get() {
        return {};
      }
    }
    const site = new TestSite(Private, { defaultThrottleRates: RATES });
    expect(await statuses(site, 5)).toEqual([403, 403, 403, 403, 403]);
    expect(await statuses(site, 4, { 'x-user': '1' })).toEqual([200, 200, 200, 429]);
  });

  it('counts requests with a wrong method', async () => {
    const site = siteWith([AnonRateThrottle]);
    for (let at = 0; at < 3; at += 1) expect((await site.send({ method: 'PUT' })).status).toBe(405);
    expect((await site.get()).status).toBe(429);
  });

  it('uses the default classes of the project (TH01)', async () => {
    class Plain extends APIView {
      override get() {
        return {};
      }
    }
    const site = new TestSite(Plain, { defaultThrottleClasses: [AnonRateThrottle], defaultThrottleRates: RATES });
    expect(await statuses(site, 4)).toEqual([200, 200, 200, 429]);
  });
});

describe('rateLimitHeaders (W11)', () => {
  it('tell each limit and what is left of it', async () => {
    class Burst extends UserRateThrottle {
      override readonly scope = 'burst';
    }
    const site = siteWith([AnonRateThrottle, Burst], { rateLimitHeaders: true });
    const first = await site.get();
    expect(first.header('ratelimit-policy')).toBe('"anon";q=3;w=60, "burst";q=2;w=1');
    expect(first.header('ratelimit')).toBe('"anon";r=2, "burst";r=1');
    await site.get();
    const refused = await site.get();
    expect([refused.status, refused.header('ratelimit')]).toEqual([429, '"anon";r=0, "burst";r=0;t=1']);
  });

  it('are not sent unless asked for', async () => {
    expect((await siteWith([AnonRateThrottle]).get()).header('ratelimit')).toBeUndefined();
  });
});

describe('who a client is (TH08)', () => {
  class Ident extends AnonRateThrottle {
    ident(request: Request): string {
      return this.getIdent(request);
    }
  }
  const ident = (settings: Partial<Settings>, forwarded?: string) =>
    new Ident().ident(
      siteWith([], settings).request({
        remoteAddress: '9.9.9.9',
        headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      }),
    );

  it.each([
    [null, undefined, '9.9.9.9'],
    [null, '1.1.1.1, 2.2.2.2', '1.1.1.1,2.2.2.2'],
    [0, '1.1.1.1, 2.2.2.2', '9.9.9.9'],
    [1, '1.1.1.1, 2.2.2.2', '2.2.2.2'],
    [2, '1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [5, '1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [1, undefined, '9.9.9.9'],
  ])('numProxies %s, X-Forwarded-For %s: %s', (numProxies, forwarded, expected) => {
    expect(ident({ numProxies }, forwarded)).toBe(expected);
  });

  it('is the address that trusted proxies saw, where those are set and numProxies is not', () => {
    expect(ident({ trustedProxies: 1 }, '6.6.6.6, 2.2.2.2')).toBe('2.2.2.2');
  });
});
