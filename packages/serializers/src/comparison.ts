import { ErrorDetail } from '@rf/exceptions';
import type { Check } from './field.ts';

/** A value with an order of its own: Decimal, Duration. */
export interface Comparable {
  /** Negative, zero or positive. */
  compareTo(other: never): number;
}

/** What a limit may be. */
export type Limit = number | bigint | Comparable;

function compare(a: Limit, b: Limit): number {
  if (typeof a === 'object') return a.compareTo(b as never);
  if (typeof b === 'object') return -b.compareTo(a as never);
  return a < b ? -1 : Number(a > b);
}

/** The checks of `minValue` and `maxValue`, the upper limit first, as in the reference. */
export function limitChecks(
  maxValue: Limit | null,
  minValue: Limit | null,
  message: (code: string, params: Record<string, unknown>) => string,
): Check<never>[] {
  const checks: Check<never>[] = [];
  if (maxValue !== null) {
    const error = new ErrorDetail(message('max_value', { max_value: maxValue }), 'max_value');
    checks.push((value) => (compare(value, maxValue) > 0 ? error : null));
  }
  if (minValue !== null) {
    const error = new ErrorDetail(message('min_value', { min_value: minValue }), 'min_value');
    checks.push((value) => (compare(value, minValue) < 0 ? error : null));
  }
  return checks;
}
