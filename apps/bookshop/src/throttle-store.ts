import { MemoryThrottleStore, RedisThrottleStore, type ThrottleStore } from '@rf/views';
import { createClient } from 'redis';

/** Redis where several processes serve, else the memory of this one. */
export async function openThrottleStore(url = process.env.REDIS_URL): Promise<ThrottleStore> {
  if (url === undefined) return new MemoryThrottleStore();
  return new RedisThrottleStore(await createClient({ url, disableOfflineQueue: true }).connect());
}
