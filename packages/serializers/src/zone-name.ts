import { offsetText } from './calendar.ts';

/** Each knows the abbreviations that are in use where it is spoken, and gives offsets for the rest. */
const LOCALES = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA', 'id', 'ja'];

const formatters = new Map<string, readonly Intl.DateTimeFormat[]>();

/** What a time zone is called at a moment, such as `CET` or `CEST`; where no name is in use, its offset: `+0545`. */
export function zoneName(zone: string, date: Date, offset: number): string {
  if (zone === 'UTC') return zone;
  let known = formatters.get(zone);
  if (known === undefined) {
    known = LOCALES.map((locale) => new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' }));
    formatters.set(zone, known);
  }
  for (const formatter of known) {
    const name = formatter.formatToParts(date).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{2,5}$/.test(name)) return name;
  }
  return offsetText(offset).replace(':00', '').replaceAll(':', '');
}
