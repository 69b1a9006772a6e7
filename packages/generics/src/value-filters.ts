import {
  CharField,
  DateField,
  DateTimeField,
  Decimal,
  DecimalField,
  type Duration,
  DurationField,
  type Moment,
  strip,
  TimeField,
  UUIDField,
} from '@rf/serializers';
import type { Awaitable } from '@rf/views';
import { FieldedFilter, type FilterInput, invalid, TextFilter } from './filter.ts';

/** Text; spaces around it are cut off. */
export class CharFilter extends FieldedFilter<string> {
  protected readonly field = new CharField();

  override clean(text: string, input: FilterInput): Awaitable<string | null> {
    return strip(text) === '' ? null : super.clean(text, input);
  }
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/** `true` or `false`, in any case; anything else is no filter. */
export class BooleanFilter extends TextFilter<boolean> {
  override clean(text: string): boolean | null {
    return TRUTHS.get(text.toLowerCase()) ?? null;
  }
}

const notANumber = 'Enter a number.';

/** Greater numbers are nobody's. */
const MAX_NUMBER = Decimal.of('1e50');

/** A number, exact. */
export class NumberFilter extends FieldedFilter<Decimal> {
  protected readonly field = new DecimalField({
    maxDigits: null,
    decimalPlaces: null,
    errorMessages: {
      invalid: notANumber,
      max_string_length: notANumber,
      max_value: 'Ensure this value is less than or equal to 1e+50.',
    },
    maxValue: MAX_NUMBER,
  });
}

/** The forms of dates that are read, in English. */
const DATE_FORMATS: readonly string[] = [
  '%Y-%m-%d',
  '%m/%d/%Y',
  '%m/%d/%y',
  '%b %d %Y',
  '%b %d, %Y',
  '%d %b %Y',
  '%d %b, %Y',
  '%B %d %Y',
  '%B %d, %Y',
  '%d %B %Y',
  '%d %B, %Y',
];

const TIME_FORMATS: readonly string[] = ['%H:%M:%S', '%H:%M:%S.%f', '%H:%M'];

/** A date: `2024-05-06`, `5/6/2024`, `May 6, 2024`. */
export class DateFilter extends FieldedFilter<string> {
  protected readonly field = new DateField({
    inputFormats: DATE_FORMATS,
    errorMessages: { invalid: 'Enter a valid date.' },
  });
}

const notAMoment = 'Enter a valid date/time.';

/** A moment in ISO 8601; a bare date is its midnight, text without an offset is in the project's time zone. */
export class IsoDateTimeFilter extends FieldedFilter<Moment> {
  protected readonly field: DateTimeField = new DateTimeField({
    inputFormats: ['iso-8601'],
    errorMessages: { invalid: notAMoment, make_aware: notAMoment, overflow: notAMoment },
  });
}

/** A moment in ISO 8601 or with the date written in one of {@link DateFilter}'s ways. */
export class DateTimeFilter extends FieldedFilter<Moment> {
  protected readonly field = new DateTimeField({
    inputFormats: [
      'iso-8601',
      ...['%Y-%m-%d', '%m/%d/%Y', '%m/%d/%y'].flatMap((date) => TIME_FORMATS.map((time) => `${date} ${time}`)),
      ...DATE_FORMATS,
    ],
    errorMessages: { invalid: notAMoment, make_aware: notAMoment, overflow: notAMoment },
  });
}

/** A time of day: `08:30`. */
export class TimeFilter extends FieldedFilter<string> {
  protected readonly field = new TimeField({
    inputFormats: TIME_FORMATS,
    errorMessages: { invalid: 'Enter a valid time.' },
  });
}

/** A length of time: `3 00:30:00`, `P1DT2H`. */
export class DurationFilter extends FieldedFilter<Duration> {
  protected readonly field = new DurationField({ errorMessages: { invalid: 'Enter a valid duration.' } });
}

/** A UUID in any notation. */
export class UUIDFilter extends FieldedFilter<string> {
  protected readonly field = new UUIDField({ errorMessages: { invalid: 'Enter a valid UUID.' } });

  override clean(text: string, input: FilterInput): string | null {
    if (strip(text) === '') return null;
    if (text.includes('\0')) throw invalid('Enter a valid UUID.');
    return super.clean(text, input) as string | null;
  }
}
