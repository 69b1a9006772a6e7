import { ErrorDetail, ImproperlyConfigured } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check } from './field.ts';

/** Options of RegexField. */
export interface RegexFieldOptions extends CharFieldOptions {
  /**
   * Searched for in the text: anchor it with `^` and `$` to match the whole. JavaScript's syntax; a string is read with the flag `u`.
   * Keep it linear; the text comes from clients.
   */
  readonly regex: RegExp | string;
}

/** What Python writes otherwise, and JavaScript refuses or, without the flag `u`, takes for letters. */
const PYTHON_SYNTAX: readonly (readonly [found: RegExp, hint: string])[] = [
  [/(?<!\\)(?:\\\\)*\\A/, 'write ^ for \\A'],
  [/(?<!\\)(?:\\\\)*\\[Zz]/, 'write $ for \\Z'],
  [/(?<!\\)(?:\\\\)*\(\?P</, 'write (?<name>…) for (?P<name>…)'],
  [/(?<!\\)(?:\\\\)*\(\?P=/, 'write \\k<name> for (?P=name)'],
  [/^\(\?[aiLmsux]+\)/, "give the flags to the expression: new RegExp('…', 'iu') for (?i)"],
];

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

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    const { regex } = this.options as RegexFieldOptions;
    const source = typeof regex === 'string' ? regex : regex.source;
    const hint = PYTHON_SYNTAX.find(([found]) => found.test(source))?.[1];
    try {
      void this.regex;
      if (hint === undefined) return;
    } catch (error) {
      if (hint === undefined)
        throw new ImproperlyConfigured(`${owner}.${name} (RegexField): ${(error as Error).message}.`);
    }
    throw new ImproperlyConfigured(`${owner}.${name} (RegexField): ${source} is Python's syntax: ${hint}.`);
  }

  override checks(): readonly Check<never>[] {
    const { regex } = this;
    const error = new ErrorDetail(this.message('invalid'), 'invalid');
    return [...super.checks(), (value: string) => (regex.test(value) ? null : error)] as readonly Check<never>[];
  }
}
