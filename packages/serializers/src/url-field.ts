import { ErrorDetail } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check } from './field.ts';
import { HOST_PATTERN } from './host-name.ts';
import { ipv6Text } from './ip-address.ts';

const MAX_LENGTH = 2048;
const MAX_HOST_LENGTH = 253;
const SCHEMES = new Set(['http', 'https', 'ftp', 'ftps']);

const IPV4 =
  '(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)(?:\\.(?:0|25[0-5]|2[0-4][0-9]|1[0-9]?[0-9]?|[1-9][0-9]?)){3}';
// White space as Python sees it, which JavaScript's `\s` does not quite.
const SPACE = '\\s\\x1c-\\x1f\\x85';
const URL_PATTERN = new RegExp(
  `^[a-z0-9.+-]*://(?:[^${SPACE}:@/]+(?::[^${SPACE}:@/]*)?@)?` +
    `(?:${IPV4}|\\[[0-9a-f:.]+\\]|${HOST_PATTERN}\\.?|localhost)(?::[0-9]{1,5})?(?:[/?#][^${SPACE}]*)?$`,
  'iu',
);

/** True for a URL of a web or FTP server by Django's rules. */
export function isURL(text: string): boolean {
  if (text.length > MAX_LENGTH || /[\t\r\n]/.test(text)) return false;
  const scheme = text.slice(0, Math.max(0, text.indexOf('://'))).toLowerCase();
  if (!SCHEMES.has(scheme) || !URL_PATTERN.test(text)) return false;
  const authority = /^[^:]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return ipv6Text(host.slice(1, host.indexOf(']'))) !== null;
  return host.replace(/:[0-9]*$/, '').length <= MAX_HOST_LENGTH;
}

/** An absolute http, https, ftp or ftps URL (row FI06). */
export class URLField<
  const Options extends CharFieldOptions = {},
  Names extends keyof CharFieldOptions = never,
> extends CharField<Options, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = { invalid: 'Enter a valid URL.' };

  override checks(): readonly Check<never>[] {
    const error = new ErrorDetail(this.message('invalid'), 'invalid');
    return [...super.checks(), (value: string) => (isURL(value) ? null : error)] as readonly Check<never>[];
  }
}
