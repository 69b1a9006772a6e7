import { MemoryThrottleStore, RedisThrottleStore, type ThrottleStore } from '@rf/views';

/** Redis where several processes serve, else the memory of this one. */
export async function openThrottleStore(url = process.env.REDIS_URL): Promise<ThrottleStore> {
  if (url === undefined) return new MemoryThrottleStore();
  // Without Redis its client need not be loaded: it takes a tenth of a second.
  const { createClient } = await import('redis');
  return new RedisThrottleStore(await createClient({ url, disableOfflineQueue: true }).connect());
}
