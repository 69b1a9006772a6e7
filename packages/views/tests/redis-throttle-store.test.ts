import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ServiceUnavailable } from '@rf/exceptions';
import { type RedisClient, RedisThrottleStore } from '@rf/views';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const silent: RedisClient = { sendCommand: () => new Promise(() => {}) };
const broken: RedisClient = { sendCommand: () => Promise.reject(new Error('connection lost')) };

describe('RedisThrottleStore without Redis', () => {
  it('refuses with 503 when Redis fails', async () => {
    const failure = await new RedisThrottleStore(broken).hit('a', 1, 1000, 0).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ServiceUnavailable);
    expect((failure as ServiceUnavailable).cause).toEqual(new Error('connection lost'));
  });

  it('refuses with 503 when Redis does not answer in time', async () => {
    await expect(new RedisThrottleStore(silent, { timeoutMs: 20 }).hit('a', 1, 1000, 0)).rejects.toThrow(
      ServiceUnavailable,
    );
  });

  it('lets requests pass where it was told to', async () => {
    const store = new RedisThrottleStore(broken, { whenUnavailable: 'allow' });
    expect(await store.hit('a', 1, 1000, 0)).toEqual({ allowed: true, waitMs: 0 });
  });
});

// REDIS_URL names a server that may be used, as docker-compose.yml starts one.
const url = process.env.REDIS_URL;

if (url !== undefined)
  describe('RedisThrottleStore with Redis (W10)', () => {
    const prefix = `rf-test-${randomUUID()}:`;
    const client = createClient({ url });
    const store = new RedisThrottleStore(client, { prefix });

    beforeAll(async () => {
      await client.connect();
    });

    afterAll(async () => {
      await store.clear();
      await client.close();
    });

    it('counts as the memory does', async () => {
      expect(await store.hit('one', 2, 1000, 10_000)).toEqual({ allowed: true, waitMs: 0, remaining: 1 });
      expect(await store.hit('one', 2, 1000, 10_300)).toEqual({ allowed: true, waitMs: 0, remaining: 0 });
      expect(await store.hit('one', 2, 1000, 10_400)).toEqual({ allowed: false, waitMs: 600, remaining: 0 });
      expect(await store.hit('one', 2, 1000, 11_000)).toEqual({ allowed: true, waitMs: 0, remaining: 0 });
      expect(await store.hit('one', 2, 1000, 11_001)).toEqual({ allowed: false, waitMs: 299, remaining: 0 });
      expect(await store.hit('none', 0, 1000, 0)).toEqual({ allowed: false, waitMs: 1000, remaining: 0 });
    });

    it('tells what one more request would be told, without counting it', async () => {
      for (let ask = 0; ask < 3; ask += 1) {
        expect(await store.peek('peeked', 1, 1000, 10_000)).toEqual({ allowed: true, waitMs: 0, remaining: 1 });
      }
      await store.hit('peeked', 1, 1000, 10_000);
      expect(await store.peek('peeked', 1, 1000, 10_400)).toEqual({ allowed: false, waitMs: 600, remaining: 0 });
      expect(await store.peek('peeked', 1, 1000, 11_000)).toEqual({ allowed: true, waitMs: 0, remaining: 1 });
    });

    it('counts requests of one millisecond one by one', async () => {
      const verdicts = await Promise.all(Array.from({ length: 20 }, () => store.hit('burst', 7, 60_000, 5000)));
      expect(verdicts.filter((verdict) => verdict.allowed).length).toBe(7);
    });

    it('lets its keys expire', async () => {
      await store.hit('expiring', 1, 60_000, Date.now());
      const left = Number(await client.sendCommand(['PTTL', `${prefix}expiring`]));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
    });

    it('goes on after Redis forgot its scripts', async () => {
      await client.sendCommand(['SCRIPT', 'FLUSH']);
      expect((await store.hit('flushed', 1, 60_000, 0)).allowed).toBe(true);
    });

    it('clears its own keys only', async () => {
      const other = new RedisThrottleStore(client, { prefix: `${prefix}other:` });
      await client.sendCommand(['SET', `x${prefix}`, '1', 'PX', '60000']);
      await other.hit('a', 1, 60_000, 0);
      await other.clear();
      expect((await other.hit('a', 1, 60_000, 1)).allowed).toBe(true);
      expect(await client.sendCommand(['EXISTS', `x${prefix}`])).toBe(1);
    });

    it('refuses with 503 while Redis is gone, which ends no process, and counts again afterwards', async () => {
      const { hostname, port } = new URL(url);
      const sockets = new Set<Socket>();
      let isGone = false;
      const proxy = createServer((socket) => {
        if (isGone) return void socket.destroy();
        const upstream = connect(Number(port || 6379), hostname);
        for (const end of [socket, upstream]) sockets.add(end.on('error', () => {}));
        socket.pipe(upstream).pipe(socket);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const { username, password, pathname } = new URL(url);
      const through = Object.assign(new URL(`redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`), {
        username,
        password,
        pathname,
      });
      const own = createClient({ url: through.href, disableOfflineQueue: true });
      const proxied = new RedisThrottleStore(own, { prefix });
      const hit = async () =>
        (await proxied.hit('proxied', 100, 60_000, Date.now()).catch((error) => error)) as unknown;

      await own.connect();
      expect(await hit()).toMatchObject({ allowed: true });
      isGone = true;
      for (const socket of sockets) socket.destroy();
      await expect.poll(hit).toBeInstanceOf(ServiceUnavailable);
      isGone = false;
      await expect.poll(hit, { timeout: 20_000 }).toMatchObject({ allowed: true });
      own.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    }, 30_000);

    it('admits exactly the limit for several processes together', async () => {
      const workers = Array.from({ length: 3 }, () =>
        fork(new URL('./redis-throttle-worker.ts', import.meta.url), [url, prefix, 'shared', '50', '100'], {
          cwd: fileURLToPath(new URL('..', import.meta.url)),
          execArgv: ['--conditions=@rf/source', '--import=tsx'],
        }),
      );
      const admitted = await Promise.all(
        workers.map(
          (worker) =>
            new Promise<number>((resolve, reject) => {
              worker.once('message', (count) => resolve(count as number));
              worker.once('error', reject);
              worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
            }),
        ),
      );
      expect(admitted.reduce((sum, count) => sum + count, 0)).toBe(50);
    }, 120_000);
  });
