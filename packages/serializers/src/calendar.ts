/** A date and time of day as a wall shows it, perhaps with the offset it was written with. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Seconds east of UTC, or null when nothing was said. */
  readonly offset: number | null;
  /** What the zone of that offset is called, where a format shows it. */
  readonly zoneName?: string;
}

/** A date with the time set to midnight. */
export function midnight(year: number, month: number, day: number): WallClock {
  return { year, month, day, hour: 0, minute: 0, second: 0, microsecond: 0, offset: null };
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] as number);
}

/** Whether there is such a day, in the years 1 to 9999. */
export function isDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Whether there is such a moment. Leap seconds are none. */
export function isWallClock(clock: WallClock): boolean {
  return (
    isDate(clock.year, clock.month, clock.day) &&
    clock.hour <= 23 &&
    clock.minute <= 59 &&
    clock.second <= 59 &&
    (clock.offset === null || Math.abs(clock.offset) < 86_400)
  );
}

/** Milliseconds since 1970 if the clock showed UTC; microseconds below are left out. */
export function toEpoch(clock: WallClock): number {
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const date = new Date(0);
  date.setUTCFullYear(clock.year, clock.month - 1, clock.day);
  date.setUTCHours(clock.hour, clock.minute, clock.second, Math.floor(clock.microsecond / 1000));
  return date.getTime();
}

/** Day of the week: 0 for Sunday. */
export function weekday(clock: WallClock): number {
  return new Date(toEpoch(clock)).getUTCDay();
}

/** Day of the year: 1 for the first of January. */
export function dayOfYear(clock: WallClock): number {
  const start = toEpoch(midnight(clock.year, 1, 1));
  return Math.floor((toEpoch(clock) - start) / 86_400_000) + 1;
}

/** The day `days` after the first of January, or null outside the years 1 to 9999. */
export function fromDayOfYear(year: number, days: number): WallClock | null {
  const date = new Date(toEpoch(midnight(year, 1, 1)) + (days - 1) * 86_400_000);
  const result = midnight(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return isWallClock(result) ? result : null;
}

/** ISO 8601 year and week. */
export function isoWeek(clock: WallClock): { readonly year: number; readonly week: number } {
  const day = dayOfYear(clock);
  const week = Math.floor((day - (weekday(clock) || 7) + 10) / 7);
  if (week < 1) return { year: clock.year - 1, week: hasWeek53(clock.year - 1) ? 53 : 52 };
  if (week === 53 && !hasWeek53(clock.year)) return { year: clock.year + 1, week: 1 };
  return { year: clock.year, week };
}

function hasWeek53(year: number): boolean {
  const first = weekday(midnight(year, 1, 1));
  return first === 4 || (first === 3 && isLeapYear(year));
}

/** The day of an ISO 8601 week, Monday being 1; null where there is none. */
export function fromIsoWeek(year: number, week: number, day: number): WallClock | null {
  if (year < 1 || year > 9999 || week < 1 || week > 53 || day < 1 || day > 7) return null;
  if (week === 53 && !hasWeek53(year)) return null;
  return fromUncheckedWeek(year, week, day);
}

/** The same for weeks that the year may not have, counted on into the next. */
export function fromUncheckedWeek(year: number, week: number, day: number): WallClock | null {
  const fourth = weekday(midnight(year, 1, 4)) || 7;
  return fromDayOfYear(year, 4 - fourth + (week - 1) * 7 + day);
}

export function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `YYYY-MM-DD`. */
export function dateText(clock: WallClock): string {
  return `${String(clock.year).padStart(4, '0')}-${twoDigits(clock.month)}-${twoDigits(clock.day)}`;
}

/** `HH:MM:SS`, with six more digits when there are microseconds. */
export function timeText(clock: WallClock): string {
  const fraction = clock.microsecond === 0 ? '' : `.${String(clock.microsecond).padStart(6, '0')}`;
  return `${twoDigits(clock.hour)}:${twoDigits(clock.minute)}:${twoDigits(clock.second)}${fraction}`;
}

/** `+HH:MM`, with seconds when there are some. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds);
  const rest = size % 60 === 0 ? '' : `:${twoDigits(size % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 3600))}:${twoDigits(Math.floor((size % 3600) / 60))}${rest}`;
}
