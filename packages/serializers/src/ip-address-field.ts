import { ErrorDetail, ImproperlyConfigured } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check, Parser } from './field.ts';
import { isIPv4, ipv6Text } from './ip-address.ts';
import { Failure } from './outcome.ts';

/** Kinds of addresses; letter case does not matter. */
export type IPProtocol = 'both' | 'ipv4' | 'ipv6' | 'IPv4' | 'IPv6';

const NAMES: Readonly<Record<string, string>> = { both: 'IPv4 or IPv6', ipv4: 'IPv4', ipv6: 'IPv6' };

/** Options of IPAddressField. */
export interface IPAddressFieldOptions extends CharFieldOptions {
  /** Default `both`. */
  readonly protocol?: IPProtocol;
}

/** An IPv4 or IPv6 address; IPv6 is brought to its shortest form (row FI08). */
export class IPAddressField<const Options extends IPAddressFieldOptions = {}> extends CharField<Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Enter a valid IPv4 or IPv6 address.',
  };

  /** `both`, `ipv4` or `ipv6`. */
  get protocol(): string {
    return (this.options.protocol ?? 'both').toLowerCase();
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (Object.hasOwn(NAMES, this.protocol)) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (IPAddressField): the protocol '${this.protocol}' is unknown. Supported: both, IPv4, IPv6.`,
    );
  }

  override parse(data: unknown, scope: unknown): string | Failure {
    if (typeof data !== 'string') return this.failure('invalid');
    const { protocol } = this;
    if (protocol !== 'ipv4' && data.includes(':'))
      return ipv6Text(data, protocol === 'both') ?? this.failure('invalid');
    return super.parse(data, scope);
  }

  override parser(): Parser {
    return (data, scope) => this.parse(data, scope);
  }

  override checks(): readonly Check<never>[] {
    const { protocol } = this;
    const error = new ErrorDetail(`Enter a valid ${NAMES[protocol]} address.`, 'invalid');
    const check = (value: string): ErrorDetail | null => {
      if (protocol !== 'ipv6' && isIPv4(value)) return null;
      return protocol !== 'ipv4' && ipv6Text(value) !== null ? null : error;
    };
    return [...super.checks(), check] as readonly Check<never>[];
  }
}
