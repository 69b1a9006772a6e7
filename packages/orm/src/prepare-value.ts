// @ts-expect-error pg has no types for this file.
import pgUtils from 'pg/lib/utils.js';

/** A value as text or bytes for the server, as pg sends it: dates, arrays, objects as JSON, buffers. */
export const prepareValue: (value: unknown) => string | Buffer | null = pgUtils.prepareValue;
