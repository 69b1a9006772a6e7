import { ImproperlyConfigured } from '@rf/exceptions';

/** A throttle rate. */
export interface Rate {
  /** Requests allowed in the window. */
  readonly limit: number;
  readonly windowMs: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PERIOD = /^(\d*)\s*(s|sec|secs|second|seconds|m|min|mins|minute|minutes|h|hour|hours|d|day|days)$/;

/**
 * Reads `100/day`, `5/10m`, `3/min` (TH02): a number, a slash, and a period with an optional count.
 *
 * Throws ImproperlyConfigured for anything else; `2/month` in particular is not two per minute.
 */
export function parseRate(rate: string): Rate {
  const [limit = '', period = '', ...rest] = rate.split('/');
  const found = PERIOD.exec(period.trim().toLowerCase());
  if (!/^\d+$/.test(limit.trim()) || found === null || found[1] === '0' || rest.length > 0) {
    throw new ImproperlyConfigured(
      `The throttle rate ${JSON.stringify(rate)} cannot be read. Write a number and a period of seconds, minutes, hours or days: ` +
        "'100/day', '5/10m'.",
    );
  }
  const [, count = '', unit = ''] = found;
  return { limit: Number(limit), windowMs: Number(count || 1) * (UNITS[unit[0] as string] as number) };
}
