import { dateText } from './calendar.ts';
import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { parseIsoDate } from './iso-text.ts';
import { Failure } from './outcome.ts';
import { isTruthy } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';
import { humanized } from './strptime.ts';
import { clockReader, clockWriter, isIso } from './time-format.ts';

/** Options of DateField. */
export interface DateFieldOptions extends FieldOptions<string> {
  /** `iso-8601`, a strftime format, or null for the value itself. Default: the setting `dateFormat`. */
  readonly format?: string | null;
  /** `iso-8601` and strptime formats. Default: the setting `dateInputFormats`. */
  readonly inputFormats?: readonly string[];
}

/** A calendar date; validated data has `YYYY-MM-DD` (row FI15). */
export class DateField<
  const Options extends DateFieldOptions = {},
  Names extends keyof DateFieldOptions = never,
> extends Field<string, string, string, Options, NamedOptions<DateFieldOptions, string, Names>, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Date has wrong format. Use one of these formats instead: {format}.',
    datetime: 'Expected a date but got a datetime.',
  };

  override parse(data: unknown, scope: Scope): string | Failure {
    return this.parser(scope.settings)(data, scope) as string | Failure;
  }

  override parser(settings: SerializerSettings): Parser {
    const formats = this.options.inputFormats ?? settings.dateInputFormats;
    const read = clockReader(formats, parseIsoDate, `${this.owner}.${this.fieldName}`);
    return (data) => {
      if (data instanceof Date) return this.failure('datetime');
      const clock = typeof data === 'string' ? read(data) : null;
      return clock === null ? this.failure('invalid', { format: humanized(formats, 'YYYY-MM-DD') }) : dateText(clock);
    };
  }

  override toRepresentation(value: unknown, scope: Scope): string {
    return this.presenter(scope.settings)(value, scope) as string;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const format = this.options.format === undefined ? settings.dateFormat : this.options.format;
    const write = format === null || isIso(format) ? null : clockWriter(format, dateText);
    return (value) => {
      if (value instanceof Date) {
        throw new TypeError(
          `Expected a date for ${this.owner}.${this.fieldName}, but got a Date. Refusing to coerce, as this may mean ` +
            'losing timezone information. Use a custom read-only field and deal with timezone issues explicitly.',
        );
      }
      if (write === null || typeof value !== 'string') return isTruthy(value) ? value : null;
      const clock = parseIsoDate(value);
      return clock === null ? value || null : write(clock);
    };
  }
}
