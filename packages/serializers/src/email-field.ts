import { ErrorDetail } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check } from './field.ts';
import { DOMAIN } from './host-name.ts';
import { isIPv4, ipv6Text } from './ip-address.ts';

/** Longer than any address that mail can be sent to (RFC 3696, erratum 1690). */
const MAX_LENGTH = 320;

const USER =
  /^(?:[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*|"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*")$/iu;
const LITERAL = /^\[([A-F0-9:.]+)\]$/i;

/** True for a mail address by Django's rules. */
export function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at === -1 || text.length > MAX_LENGTH || !USER.test(text.slice(0, at))) return false;
  const domain = text.slice(at + 1);
  if (domain === 'localhost' || DOMAIN.test(domain)) return true;
  const address = LITERAL.exec(domain)?.[1];
  return address !== undefined && (isIPv4(address) || ipv6Text(address) !== null);
}

/** A mail address (row FI06). */
export class EmailField<
  const Options extends CharFieldOptions = {},
  Names extends keyof CharFieldOptions = never,
> extends CharField<Options, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = { invalid: 'Enter a valid email address.' };

  override checks(): readonly Check<never>[] {
    const error = new ErrorDetail(this.message('invalid'), 'invalid');
    return [...super.checks(), (value: string) => (isEmail(value) ? null : error)] as readonly Check<never>[];
  }
}
