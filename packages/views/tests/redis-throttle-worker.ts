// One of several processes that share a limit; see redis-throttle-store.test.ts.
import { RedisThrottleStore } from '@rf/views';
import { createClient } from 'redis';

const [url = '', prefix = '', key = '', limit = '0', requests = '0'] = process.argv.slice(2);
const client = await createClient({ url }).connect();
const store = new RedisThrottleStore(client, { prefix });
const verdicts = await Promise.all(
  Array.from({ length: Number(requests) }, () => store.hit(key, Number(limit), 3_600_000, Date.now())),
);
await client.close();
process.send?.(verdicts.filter((verdict) => verdict.allowed).length);
process.disconnect?.();
