import { ErrorDetail } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check } from './field.ts';

/** Options of RegexField. */
export interface RegexFieldOptions extends CharFieldOptions {
  /** Searched for in the text: anchor it to match the whole. Keep it linear; the text comes from clients. */
  readonly regex: RegExp | string;
}

/** Text that contains a pattern (row FI06). */
export class RegexField<const Options extends RegexFieldOptions = RegexFieldOptions> extends CharField<Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'This value does not match the required pattern.',
  };

  constructor(options: Options) {
    super(options);
  }

  /** The pattern, without the state that a `g` or `y` flag would keep between two texts. */
  get regex(): RegExp {
    const { regex } = this.options as RegexFieldOptions;
    return typeof regex === 'string'
      ? new RegExp(regex, 'u')
      : new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''));
  }

  override checks(): readonly Check<never>[] {
    const { regex } = this;
    const error = new ErrorDetail(this.message('invalid'), 'invalid');
    return [...super.checks(), (value: string) => (regex.test(value) ? null : error)] as readonly Check<never>[];
  }
}
