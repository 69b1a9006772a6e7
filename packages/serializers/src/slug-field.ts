import { ErrorDetail } from '@rf/exceptions';
import { CharField, type CharFieldOptions } from './char-field.ts';
import type { Check } from './field.ts';

const ASCII = /^[-a-zA-Z0-9_]+$/;
const UNICODE = /^[-_\p{L}\p{N}]+$/u;

/** Options of SlugField. */
export interface SlugFieldOptions extends CharFieldOptions {
  /** Whether letters and digits of all scripts are allowed. Default false. */
  readonly allowUnicode?: boolean;
}

/** Letters, digits, underscores and hyphens (row FI06). */
export class SlugField<const Options extends SlugFieldOptions = {}> extends CharField<Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.',
    invalid_unicode: 'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.',
  };

  get allowUnicode(): boolean {
    return this.options.allowUnicode === true;
  }

  override checks(): readonly Check<never>[] {
    const pattern = this.allowUnicode ? UNICODE : ASCII;
    const error = new ErrorDetail(this.message(this.allowUnicode ? 'invalid_unicode' : 'invalid'), 'invalid');
    return [...super.checks(), (value: string) => (pattern.test(value) ? null : error)] as readonly Check<never>[];
  }
}
