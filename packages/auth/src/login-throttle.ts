import { Throttled } from '@rf/exceptions';
import { parseRate, type Request, throttleStoreOf } from '@rf/views';
import { authOptions } from './auth-options.ts';
import type { LoginThrottleRates } from './login-throttle-rates.ts';

/** The limits of every login endpoint unless the project says otherwise. */
export const defaultLoginThrottle: LoginThrottleRates = { account: '10/min', address: '60/min' };

/**
 * Counts an attempt to log in and refuses it with 429 when there were too many (W13). Call it before a password is hashed: a hash is
 * what makes attempts expensive for the server.
 *
 * @param account what the client calls the account; counted whether it exists or not
 * @param rates those of `auth({ loginThrottle })` unless given; null for no limit
 * Throws Throttled.
 */
export async function throttleLogin(
  request: Request,
  account: string,
  rates: LoginThrottleRates | null = authOptions(request.site).loginThrottle,
): Promise<void> {
  if (rates === null) return;
  const { site } = request;
  const store = throttleStoreOf(site);
  const now = site.clock();
  const name = account.normalize('NFKC').toLowerCase().slice(0, 150);
  const counters = [
    [`login_address_${request.remoteAddress}`, rates.address],
    [`login_account_${name}`, rates.account],
  ] as const;
  for (const [key, rate] of counters) {
    const parsed = parseRate(rate);
    const { allowed, waitMs } = await store.hit(key, parsed.limit, parsed.windowMs, now);
    if (!allowed) {
      site.logger.warn({ reqId: request.http.id, address: request.remoteAddress }, 'too many attempts to log in');
      await authOptions(site).onLoginThrottled?.(account, request);
      throw new Throttled(waitMs / 1000);
    }
  }
}
