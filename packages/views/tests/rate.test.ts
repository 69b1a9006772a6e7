import { ImproperlyConfigured } from '@rf/exceptions';
import { parseRate } from '@rf/views';
import { describe, expect, it } from 'vitest';

describe('parseRate (TH02)', () => {
  it.each([
    ['3/min', 3, 60_000],
    ['100/day', 100, 86_400_000],
    ['2/sec', 2, 1000],
    ['4/hour', 4, 3_600_000],
    ['1/s', 1, 1000],
    ['1/m', 1, 60_000],
    ['5/10m', 5, 600_000],
    ['7/2 hours', 7, 7_200_000],
    [' 9 / Day ', 9, 86_400_000],
    ['0/day', 0, 86_400_000],
  ])('reads %s', (text, limit, windowMs) => {
    expect(parseRate(text)).toEqual({ limit, windowMs });
  });

  it.each(['2/month', '100', '/day', 'x/day', '-1/day', '1.5/day', '1/', '1/0m', '1/day/hour', '', '1/dayy', '1/week'])(
    'refuses %j',
    (text) => {
      expect(() => parseRate(text)).toThrow(ImproperlyConfigured);
    },
  );
});
