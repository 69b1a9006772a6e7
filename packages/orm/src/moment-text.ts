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
  const plain = readPlainMoment(raw);
  if (plain !== null) return plain;
  const text = isoText(raw);
  return Moment.read(text) ?? new Date(text);
}

/** `2026-01-31 08:15:00.123456+00`, as almost all moments are, read digit by digit; null for any other text. */
function readPlainMoment(raw: string): Moment | null {
  const end = raw.length - 3;
  // Date.UTC takes years below 100 for those of the last century.
  const isPlain =
    end >= 19 &&
    raw.charCodeAt(0) > 0x30 &&
    raw.charCodeAt(4) === 0x2d &&
    raw.charCodeAt(10) === 0x20 &&
    raw.endsWith('+00');
  if (!isPlain) return null;
  let micros = 0;
  for (let at = 20, unit = 100_000; at < end; at += 1, unit /= 10) micros += (raw.charCodeAt(at) - 0x30) * unit;
  const year = twoDigits(raw, 0) * 100 + twoDigits(raw, 2);
  const date = Date.UTC(
    year,
    twoDigits(raw, 5) - 1,
    twoDigits(raw, 8),
    twoDigits(raw, 11),
    twoDigits(raw, 14),
    twoDigits(raw, 17),
  );
  return new Moment(date + Math.floor(micros / 1000), micros % 1000);
}

function twoDigits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
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
