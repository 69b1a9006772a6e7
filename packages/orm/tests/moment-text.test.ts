import { Moment } from '@rf/serializers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMoment } from '../src/moment-text.ts';

const twoDigits = (number: number): string => String(number).padStart(2, '0');

describe('a moment as PostgreSQL writes it', () => {
  test('is the one that ISO 8601 would name, to the microsecond', () => {
    const years = fc.integer({ min: 1, max: 9999 });
    const micros = fc.integer({ min: 0, max: 999_999 });
    const days = fc.integer({ min: 1, max: 28 });
    const part = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
    fc.assert(
      fc.property(
        years,
        part(11),
        days,
        part(23),
        part(59),
        part(59),
        micros,
        (year, month, day, h, m, s, fraction) => {
          const date = `${String(year).padStart(4, '0')}-${twoDigits(month + 1)}-${twoDigits(day)}`;
          const time = [h, m, s].map(twoDigits).join(':');
          // PostgreSQL leaves noughts out at the end.
          const end = fraction === 0 ? '' : `.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`;

          const read = Moment.of(readMoment(`${date} ${time}${end}+00`));
          expect(read.epochMicroseconds).toBe(Moment.read(`${date}T${time}${end}Z`)?.epochMicroseconds);
        },
      ),
    );
  });

  test('may have another offset, or no moment that a Date knows', () => {
    expect(readMoment('2026-01-31 08:15:00.5+05:30').toISOString()).toBe('2026-01-31T02:45:00.500Z');
    expect(readMoment('infinity').getTime()).toBeNaN();
  });
});
