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
  await throttle(request, account, rates, 'hit');
}

/**
 * The same for a scheme that checks a password with every request: only wrong ones count, so that a busy client with the right one is
 * not shut out. Call it once the password was looked at and before the client is told: beyond the limits a right one is refused as
 * well, or guessing would go on. Where looking at it takes a hash, call {@link refuseGuesses} first.
 *
 * @param account whose password it is; one name for each, however the client wrote it
 * @param rates those of `auth({ loginThrottle })` unless given; null for no limit. The counts are those of {@link throttleLogin}
 * Throws Throttled.
 */
export async function throttleGuesses(
  request: Request,
  account: string,
  isRight: boolean,
  rates: LoginThrottleRates | null = authOptions(request.site).loginThrottle,
): Promise<void> {
  await throttle(request, account, rates, isRight ? 'peek' : 'hit');
}

/**
 * Refuses with 429 where {@link throttleGuesses} has counted too many, and counts nothing. Call it before a password is hashed.
 *
 * @param account as for {@link throttleGuesses}
 * @param rates as for {@link throttleGuesses}
 * Throws Throttled.
 */
export async function refuseGuesses(
  request: Request,
  account: string,
  rates: LoginThrottleRates | null = authOptions(request.site).loginThrottle,
): Promise<void> {
  await throttle(request, account, rates, 'peek');
}

async function throttle(
  request: Request,
  account: string,
  rates: LoginThrottleRates | null,
  step: 'hit' | 'peek',
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
    const { allowed, waitMs } = await store[step](key, parsed.limit, parsed.windowMs, now);
    if (!allowed) {
      site.logger.warn({ reqId: request.http.id, address: request.remoteAddress }, 'too many attempts to log in');
      await authOptions(site).onLoginThrottled?.(account, request);
      throw new Throttled(waitMs / 1000);
    }
  }
}
