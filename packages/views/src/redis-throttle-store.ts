import { createHash, randomBytes } from 'node:crypto';
import { ServiceUnavailable } from '@rf/exceptions';
import type { ThrottleStore, ThrottleVerdict } from './throttle-store.ts';

/** What the store needs of a Redis client; one of the package `redis` fits, connected or connecting. */
export interface RedisClient {
  sendCommand(command: string[]): Promise<unknown>;
  /** Where the client tells that it lost its connection. */
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

/** Options of {@link RedisThrottleStore}. */
export interface RedisThrottleStoreOptions {
  /** Put before every key. Default `rf:`. */
  readonly prefix?: string;
  /** Milliseconds to wait for an answer of Redis. Default 1000. */
  readonly timeoutMs?: number;
  /**
   * What happens to requests while Redis does not answer: `refuse`, the default, answers 503; `allow` lets them pass uncounted.
   */
  readonly whenUnavailable?: 'refuse' | 'allow';
}

/**
 * Answers 1 and what remains, or 0 and the wait. One round trip and one step for Redis, so that callers in parallel cannot pass more
 * than the limit together: a sorted set of the moments in which requests passed, without those that left the window. Without a name
 * for the present request nothing is counted.
 */
const SCRIPT = `
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
local count = redis.call('ZCARD', KEYS[1])
if count < limit then
  if ARGV[4] == '' then return {1, limit - count} end
  redis.call('ZADD', KEYS[1], now, ARGV[4])
  redis.call('PEXPIRE', KEYS[1], window)
  return {1, limit - count - 1}
end
local oldest = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
if oldest[2] == nil then return {0, window} end
return {0, math.max(0, math.ceil(tonumber(oldest[2]) + window - now))}
`;
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex');

/**
 * Counts in Redis, for processes that share their limits (W10):
 *
 * ```ts
 * const redis = await createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true }).connect();
 * defineProject({ settings: { throttleStore: new RedisThrottleStore(redis) } });
 * ```
 *
 * All processes together admit exactly the limit. Their clocks should agree to within a fraction of the window.
 */
export class RedisThrottleStore implements ThrottleStore {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #timeoutMs: number;
  readonly #whenUnavailable: 'refuse' | 'allow';
  // Two requests of one millisecond are two members of the set.
  readonly #origin = randomBytes(9).toString('base64url');
  #counted = 0;

  constructor(client: RedisClient, options: RedisThrottleStoreOptions = {}) {
    this.#client = client;
    this.#prefix = options.prefix ?? 'rf:';
    this.#timeoutMs = options.timeoutMs ?? 1000;
    this.#whenUnavailable = options.whenUnavailable ?? 'refuse';
    // An error event that nobody listens to ends the process. Whoever is not served is told by the command that fails.
    client.on?.('error', () => {});
  }

  /** Throws ServiceUnavailable when Redis does not answer, unless the store was told to allow then. */
  hit(key: string, limit: number, windowMs: number, now: number): Promise<ThrottleVerdict> {
    this.#counted += 1;
    return this.#ask(key, [now, windowMs, limit, `${this.#origin}${this.#counted}`]);
  }

  /** Throws as {@link hit} does. */
  peek(key: string, limit: number, windowMs: number, now: number): Promise<ThrottleVerdict> {
    return this.#ask(key, [now, windowMs, limit, '']);
  }

  async #ask(key: string, args: readonly (number | string)[]): Promise<ThrottleVerdict> {
    try {
      const answer = await this.#run(this.#prefix + key, args.map(String));
      const [passed, number] = (answer as unknown[]).map(Number) as [number, number];
      return passed === 1
        ? { allowed: true, waitMs: 0, remaining: number }
        : { allowed: false, waitMs: number, remaining: 0 };
    } catch (error) {
      if (this.#whenUnavailable === 'allow') return { allowed: true, waitMs: 0 };
      const refusal = new ServiceUnavailable();
      refusal.cause = error;
      throw refusal;
    }
  }

  async clear(): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = (await this.#send([
        'SCAN',
        cursor,
        'MATCH',
        `${escapeGlob(this.#prefix)}*`,
        'COUNT',
        '500',
      ])) as [string, string[]];
      if (keys.length > 0) await this.#send(['UNLINK', ...keys]);
      cursor = String(next);
    } while (cursor !== '0');
  }

  async #run(key: string, args: readonly string[]): Promise<unknown> {
    try {
      return await this.#send(['EVALSHA', SCRIPT_SHA, '1', key, ...args]);
    } catch (error) {
      // Redis knows the script from its first use until it restarts.
      if (!String((error as Error).message).startsWith('NOSCRIPT')) throw error;
      return this.#send(['EVAL', SCRIPT, '1', key, ...args]);
    }
  }

  /** A client that is reconnecting may keep a command for ever; a request must not wait that long. */
  async #send(command: string[]): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('Redis does not answer.')), this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#client.sendCommand(command), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const escapeGlob = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');
