import { IANAZone } from 'luxon';
import { dateText, offsetText, timeText, toEpoch, type WallClock } from './calendar.ts';
import { parseIsoDateTime } from './iso-text.ts';

const zones = new Map<string, IANAZone>();

/**
 * @throws RangeError for a name that is no IANA time zone
 */
function zoneNamed(name: string): IANAZone {
  let zone = zones.get(name);
  if (zone === undefined) {
    if (!IANAZone.isValidZone(name)) throw new RangeError(`${name} is not an IANA time zone.`);
    zone = IANAZone.create(name);
    zones.set(name, zone);
  }
  return zone;
}

/** Seconds east of UTC at a moment. */
function offsetAt(zone: string, epoch: number): number {
  return zone === 'UTC' ? 0 : Math.round(zoneNamed(zone).offset(epoch) * 60);
}

/** The years Python knows, in milliseconds since 1970. */
const FIRST = toEpoch({ year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0, offset: null });
const LAST = toEpoch({
  year: 9999,
  month: 12,
  day: 31,
  hour: 23,
  minute: 59,
  second: 59,
  microsecond: 999_999,
  offset: null,
});

function isInYears(epoch: number): boolean {
  return epoch >= FIRST && epoch <= LAST;
}

/**
 * A moment with microseconds and the time zone it is expressed in: what PostgreSQL keeps and JavaScript's Date cuts off.
 *
 * It is a Date, so everything that takes one takes it. Without a zone (`zone` null) it is naive: a date and time of no
 * place, kept as if it were UTC.
 */
export class Moment extends Date {
  /** Microseconds below the milliseconds: 0 to 999. */
  readonly microseconds: number;
  /** IANA name, or null for a naive date and time. */
  readonly zone: string | null;

  /**
   * @param epoch milliseconds since 1970
   * @param microseconds 0 to 999 more
   * @throws RangeError for an unknown zone
   */
  constructor(epoch: number, microseconds = 0, zone: string | null = 'UTC') {
    super(epoch);
    this.microseconds = microseconds;
    this.zone = zone;
    if (zone !== null && zone !== 'UTC') zoneNamed(zone);
  }

  /** A Date as a moment, expressed in a zone; a moment keeps its microseconds. */
  static of(date: Date, zone: string | null = date instanceof Moment ? date.zone : 'UTC'): Moment {
    if (date instanceof Moment && date.zone === zone) return date;
    return new Moment(date.getTime(), date instanceof Moment ? date.microseconds : 0, zone);
  }

  /**
   * Reads ISO 8601, and the way PostgreSQL writes moments; null for anything else. Text without an offset is taken to
   * be in `zone`.
   */
  static read(text: string, zone = 'UTC'): Moment | null {
    const clock = parseIsoDateTime(text);
    return clock === null ? null : Moment.at(clock, zone);
  }

  /**
   * The moment when clocks in `zone` show `clock`, or the one its own offset names. Of an hour that happens twice it is
   * the first; null for an hour that is skipped, and outside the years 1 to 9999.
   */
  static at(clock: WallClock, zone: string | null): Moment | null {
    const micros = clock.microsecond % 1000;
    const local = toEpoch(clock);
    if (clock.offset !== null) {
      const moment = new Moment(local - clock.offset * 1000, micros, zone ?? 'UTC');
      return moment.isInRange() ? moment : null;
    }
    if (zone === null || zone === 'UTC') return new Moment(local, micros, zone);
    // The offset before a change is the larger one where an hour repeats, so trying it first gives the first of the two.
    const candidates = [offsetAt(zone, local - 86_400_000), offsetAt(zone, local + 86_400_000)];
    for (const offset of candidates) {
      const epoch = local - offset * 1000;
      if (offsetAt(zone, epoch) === offset) return isInYears(epoch) ? new Moment(epoch, micros, zone) : null;
    }
    return null;
  }

  /** False where the date in its zone, or in UTC, lies outside the years 1 to 9999. */
  isInRange(): boolean {
    const epoch = this.getTime();
    return isInYears(epoch) && (this.zone === 'UTC' || isInYears(epoch + this.offset * 1000));
  }

  /** Seconds east of UTC; 0 for a naive moment. */
  get offset(): number {
    return this.zone === null ? 0 : offsetAt(this.zone, this.getTime());
  }

  /** What a clock in the moment's zone shows. */
  get wallClock(): WallClock {
    const { offset } = this;
    const local = new Date(this.getTime() + offset * 1000);
    return {
      year: local.getUTCFullYear(),
      month: local.getUTCMonth() + 1,
      day: local.getUTCDate(),
      hour: local.getUTCHours(),
      minute: local.getUTCMinutes(),
      second: local.getUTCSeconds(),
      microsecond: local.getUTCMilliseconds() * 1000 + this.microseconds,
      offset: this.zone === null ? null : offset,
    };
  }

  /** Microseconds since 1970. */
  get epochMicroseconds(): bigint {
    return BigInt(this.getTime()) * 1000n + BigInt(this.microseconds);
  }

  compareTo(other: Date): number {
    const difference = this.getTime() - other.getTime();
    if (difference !== 0) return difference;
    return this.microseconds - (other instanceof Moment ? other.microseconds : 0);
  }

  /** ISO 8601 in the moment's zone, microseconds only when there are some: `2024-03-04T05:06:07.000890Z`. */
  toISO(): string {
    // The common case needs no calendar: Date's own text, with three more digits or without any.
    if (this.zone === 'UTC') {
      const text = this.toISOString();
      if (text.length === 24) {
        const isWhole = this.microseconds === 0 && text.endsWith('.000Z');
        return isWhole ? `${text.slice(0, 19)}Z` : `${text.slice(0, 23)}${String(this.microseconds).padStart(3, '0')}Z`;
      }
    }
    const clock = this.wallClock;
    const start = `${dateText(clock)}T${timeText(clock)}`;
    if (clock.offset === null) return start;
    return start + (clock.offset === 0 ? 'Z' : offsetText(clock.offset));
  }

  override toJSON(): string {
    return this.toISO();
  }
}
