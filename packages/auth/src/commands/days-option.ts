import { UsageError } from '@rf/project';
import { LONGEST_LIFETIME } from '../own-credentials-view.ts';

const DAY = 24 * 60 * 60;

/**
 * What a command's option `--days` means in seconds; undefined where it was not given.
 *
 * @throws UsageError for anything but a number above 0, and for more than a hundred years
 */
export function secondsOfDays(days: string | undefined): number | undefined {
  if (days === undefined) return undefined;
  const count = Number(days);
  const longest = LONGEST_LIFETIME / DAY;
  if (!(count > 0 && count <= longest)) throw new UsageError(`--days takes a number above 0 and at most ${longest}`);
  return count * DAY;
}
