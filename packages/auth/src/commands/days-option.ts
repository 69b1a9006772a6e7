import { UsageError } from '@rf/project';

/**
 * What a command's option `--days` means in seconds; undefined where it was not given.
 *
 * @throws UsageError for anything but a number above 0
 */
export function secondsOfDays(days: string | undefined): number | undefined {
  if (days === undefined) return undefined;
  const count = Number(days);
  if (!(count > 0)) throw new UsageError('--days takes a number above 0');
  return count * 24 * 60 * 60;
}
