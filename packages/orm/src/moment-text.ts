import { Moment } from '@rf/serializers';

/**
 * A moment as PostgreSQL writes it, in the words of an answer: UTC, six digits of a second or none.
 *
 * The text is cut and put together again; only a connection with another time zone needs a calendar.
 */
export function momentText(raw: string): string {
  const end = raw.length;
  const isUtc =
    (raw.charCodeAt(end - 3) === 0x2b && raw.endsWith('+00')) ||
    (raw.charCodeAt(end - 6) === 0x2b && raw.endsWith('+00:00'));
  const offsetLength = raw.charCodeAt(end - 3) === 0x2b ? 3 : 6;
  const isPlain = isUtc && raw.charCodeAt(4) === 0x2d && raw.charCodeAt(13) === 0x3a && raw.charCodeAt(16) === 0x3a;
  if (!isPlain) return Moment.of(readMoment(raw), 'UTC').toISO();
  const start = `${raw.slice(0, 10)}T${raw.slice(11, 19)}`;
  const fraction = end - offsetLength - 20;
  if (fraction <= 0) return `${start}Z`;
  return `${start}.${raw.slice(20, 20 + fraction).padEnd(6, '0')}Z`;
}

/** A moment as PostgreSQL writes it, microseconds kept. */
export function readMoment(raw: string): Date {
  const text = isoText(raw);
  return Moment.read(text) ?? new Date(text);
}

/** A date and time without a zone, which pg and TypeORM take to be in the process's own. */
export function readLocalMoment(raw: string): Date {
  const [whole = raw, fraction = ''] = raw.replace(' ', 'T').split('.');
  const microseconds = Number(fraction.padEnd(6, '0').slice(0, 6));
  const epoch = new Date(whole).getTime() + Math.floor(microseconds / 1000);
  return Number.isNaN(epoch) ? new Date(Number.NaN) : new Moment(epoch, microseconds % 1000);
}

/** A time of day as PostgreSQL writes it, with six digits of a second or none. */
export function timeOfDay(raw: string): string {
  const point = raw.indexOf('.');
  return point === -1 ? raw : raw.slice(0, point) + raw.slice(point).padEnd(7, '0');
}

/** PostgreSQL's moment in ISO 8601's words: `T` in the middle, minutes in the offset. */
function isoText(raw: string): string {
  const text = raw.charCodeAt(10) === 0x20 ? `${raw.slice(0, 10)}T${raw.slice(11)}` : raw;
  return /[+-]\d\d$/.test(text) ? `${text}:00` : text;
}
