import { timeText } from './calendar.ts';
import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { parseIsoTime } from './iso-text.ts';
import { Failure } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';
import { humanized } from './strptime.ts';
import { clockReader, clockWriter, isIso } from './time-format.ts';

/** Options of TimeField. */
export interface TimeFieldOptions extends FieldOptions<string> {
  /** `iso-8601`, a strftime format, or null for the value itself. Default: the setting `timeFormat`. */
  readonly format?: string | null;
  /** `iso-8601` and strptime formats. Default: the setting `timeInputFormats`. */
  readonly inputFormats?: readonly string[];
}

/** A time of day; validated data has `HH:MM:SS` or `HH:MM:SS.uuuuuu` (row FI15). */
export class TimeField<const Options extends TimeFieldOptions = {}> extends Field<string, string, string, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Time has wrong format. Use one of these formats instead: {format}.',
  };

  override parse(data: unknown, scope: Scope): string | Failure {
    return this.parser(scope.settings)(data, scope) as string | Failure;
  }

  override parser(settings: SerializerSettings): Parser {
    const formats = this.options.inputFormats ?? settings.timeInputFormats;
    const read = clockReader(formats, parseIsoTime, `${this.owner}.${this.fieldName}`);
    return (data) => {
      const clock = typeof data === 'string' ? read(data) : null;
      return clock === null
        ? this.failure('invalid', { format: humanized(formats, 'hh:mm[:ss[.uuuuuu]]') })
        : timeText(clock);
    };
  }

  override toRepresentation(value: unknown, scope: Scope): string {
    return this.presenter(scope.settings)(value, scope) as string;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const format = this.options.format === undefined ? settings.timeFormat : this.options.format;
    const write = format === null || isIso(format) ? null : clockWriter(format, timeText);
    return (value) => {
      if (value instanceof Date) {
        throw new TypeError(
          `Expected a time for ${this.owner}.${this.fieldName}, but got a Date. Refusing to coerce, as this may mean ` +
            'losing timezone information. Use a custom read-only field and deal with timezone issues explicitly.',
        );
      }
      if (value === '' || value === null) return null;
      const clock = write === null || typeof value !== 'string' ? null : parseIsoTime(value);
      return clock === null || write === null ? value : write(clock);
    };
  }
}
