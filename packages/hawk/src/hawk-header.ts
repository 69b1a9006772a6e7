import { parseAuthParams } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';

/** Longer headers are refused, as the reference does. */
const MAX_LENGTH = 4096;

const KNOWN = ['id', 'ts', 'nonce', 'hash', 'ext', 'mac', 'app', 'dlg'] as const;

/** True for printable characters without quotes and backslashes, at least one. */
export const isHawkValue = (text: string): boolean => /^[ \w!#$%&'()*+,\-./:;<=>?@[\]^`{|}~]+$/.test(text);

/** The attributes of a Hawk header. */
export interface HawkAttributes {
  readonly id: string;
  readonly ts: string;
  readonly nonce: string;
  readonly mac: string;
  readonly hash?: string | undefined;
  readonly ext?: string | undefined;
  readonly app?: string | undefined;
  readonly dlg?: string | undefined;
}

/** What HawkREST says of a header that cannot be read. */
export const MALFORMED = 'Hawk authentication failed: The request header was malformed';

/** Reads what follows the scheme word. Throws AuthenticationFailed for anything but known attributes, once each, with good values. */
export function parseHawkHeader(rest: string): HawkAttributes {
  if (rest.length > MAX_LENGTH) throw new AuthenticationFailed(MALFORMED);
  let params: Map<string, string>;
  try {
    params = parseAuthParams(rest);
  } catch {
    throw new AuthenticationFailed(MALFORMED);
  }
  for (const [name, value] of params) {
    if (!(KNOWN as readonly string[]).includes(name) || !isHawkValue(value)) throw new AuthenticationFailed(MALFORMED);
  }
  const { id, ts, nonce, mac, ...others } = Object.fromEntries(params);
  // A number that is no whole one would slip through comparisons with the clock.
  if (id === undefined || nonce === undefined || mac === undefined || !/^\d{1,12}$/.test(ts ?? '')) {
    throw new AuthenticationFailed(MALFORMED);
  }
  // Without app the MAC does not cover dlg.
  if (others.dlg !== undefined && others.app === undefined) throw new AuthenticationFailed(MALFORMED);
  return { id, ts: ts as string, nonce, mac, ...others };
}
