import { ImproperlyConfigured } from '@rf/exceptions';
import type { WallClock } from './calendar.ts';
import { strftime, strptime } from './strptime.ts';

/** The name of the standard format, in any letter case. */
export function isIso(format: string): boolean {
  return format.toLowerCase() === 'iso-8601';
}

/** Tries the formats one after the other. */
export type ClockReader = (text: string) => WallClock | null;

/**
 * A reader for a list of formats.
 *
 * @throws ImproperlyConfigured for a directive that does not exist
 */
export function clockReader(formats: readonly string[], iso: ClockReader, field: string): ClockReader {
  const readers = formats.map((format) => {
    if (isIso(format)) return iso;
    try {
      return strptime(format);
    } catch (error) {
      throw new ImproperlyConfigured(`${field}: ${(error as Error).message}.`);
    }
  });
  return (text) => {
    for (const read of readers) {
      const clock = read(text);
      if (clock !== null) return clock;
    }
    return null;
  };
}

/** Shows a date, a time or both. */
export function clockWriter(format: string, iso: (clock: WallClock) => string): (clock: WallClock) => string {
  return isIso(format) ? iso : (clock) => strftime(clock, format);
}
