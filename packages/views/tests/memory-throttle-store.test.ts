import { MemoryThrottleStore, throttleStoreOf } from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

describe('MemoryThrottleStore', () => {
  it('admits exactly the limit in any window', () => {
    const store = new MemoryThrottleStore();
    const admitted: number[] = [];
    for (let now = 0; now < 10_000; now += 7) if (store.hit('a', 5, 1000, now).allowed) admitted.push(now);
    for (const start of admitted) {
      expect(admitted.filter((at) => at >= start && at < start + 1000).length).toBeLessThanOrEqual(5);
    }
    expect(admitted.length).toBe(50);
  });

  it('tells how long one more request has to wait', () => {
    const store = new MemoryThrottleStore();
    store.hit('a', 2, 1000, 0);
    store.hit('a', 2, 1000, 300);
    expect(store.hit('a', 2, 1000, 400)).toEqual({ allowed: false, waitMs: 600, remaining: 0 });
    expect(store.hit('a', 2, 1000, 1000)).toEqual({ allowed: true, waitMs: 0, remaining: 0 });
    expect(store.hit('a', 2, 1000, 1001)).toEqual({ allowed: false, waitMs: 299, remaining: 0 });
  });

  it('refuses everything for a limit of zero, for the length of the window', () => {
    expect(new MemoryThrottleStore().hit('a', 0, 1000, 0)).toEqual({ allowed: false, waitMs: 1000, remaining: 0 });
  });

  it('tells what one more request would be told, without counting it', () => {
    const store = new MemoryThrottleStore();
    for (let ask = 0; ask < 3; ask += 1) {
      expect(store.peek('a', 1, 1000, 0)).toEqual({ allowed: true, waitMs: 0, remaining: 1 });
    }
    store.hit('a', 1, 1000, 0);
    expect(store.peek('a', 1, 1000, 400)).toEqual({ allowed: false, waitMs: 600, remaining: 0 });
    expect(store.peek('a', 1, 1000, 1000)).toEqual({ allowed: true, waitMs: 0, remaining: 1 });
  });

  it('forgets everything on clear()', () => {
    const store = new MemoryThrottleStore();
    store.hit('a', 1, 1000, 0);
    store.clear();
    expect(store.hit('a', 1, 1000, 1).allowed).toBe(true);
  });
});

describe('throttleStoreOf', () => {
  const urls: never[] = [];

  it('is the store of the settings', () => {
    const throttleStore = new MemoryThrottleStore();
    expect(throttleStoreOf(new TestSite(urls, { throttleStore }))).toBe(throttleStore);
  });

  it('is a memory of the site without one, and not that of another site', () => {
    const site = new TestSite(urls);
    expect(throttleStoreOf(site)).toBe(throttleStoreOf(site));
    expect(throttleStoreOf(site)).not.toBe(throttleStoreOf(new TestSite(urls)));
  });
});
