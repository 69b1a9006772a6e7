import { ImproperlyConfigured } from '@rf/exceptions';
import { limitChecks } from './comparison.ts';
import { Duration, MAX_DAYS } from './duration.ts';
import { type Check, Field, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { pythonString } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';

/** Options of DurationField. */
export interface DurationFieldOptions extends FieldOptions<Duration> {
  readonly maxValue?: Duration;
  readonly minValue?: Duration;
  /** `django`, `iso-8601`, or null for the value itself. Default: the setting `durationFormat`. */
  readonly format?: 'django' | 'iso-8601' | null;
}

type Shown<Options> = Options extends { readonly format: null } ? Duration : string;

/** A length of time; validated data has a {@link Duration} (row FI16). */
export class DurationField<const Options extends DurationFieldOptions = {}> extends Field<
  Duration,
  Shown<Options>,
  string | number,
  Options
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Duration has wrong format. Use one of these formats instead: {format}.',
    max_value: 'Ensure this value is less than or equal to {max_value}.',
    min_value: 'Ensure this value is greater than or equal to {min_value}.',
    overflow: 'The number of days must be between {min_days} and {max_days}.',
  };

  get maxValue(): Duration | null {
    return this.options.maxValue ?? null;
  }

  get minValue(): Duration | null {
    return this.options.minValue ?? null;
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    const format: unknown = this.options.format;
    if (format === undefined || format === null || format === 'django' || format === 'iso-8601') return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (DurationField): unknown duration format, got ${pythonString(format)} while expecting 'django', 'iso-8601' or null.`,
    );
  }

  override parse(data: unknown, _scope: unknown): Duration | Failure {
    if (data instanceof Duration) return data;
    try {
      const value = Duration.parse(pythonString(data));
      return value ?? this.failure('invalid', { format: '[DD] [HH:[MM:]]ss[.uuuuuu]' });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.failure('overflow', { min_days: -MAX_DAYS, max_days: MAX_DAYS });
    }
  }

  override checks(): readonly Check<never>[] {
    return limitChecks(this.maxValue, this.minValue, (code, params) => this.message(code, { ...params }));
  }

  override toRepresentation(value: unknown, scope: Scope): Shown<Options> {
    return this.presenter(scope.settings)(value, scope) as Shown<Options>;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const format = this.options.format === undefined ? settings.durationFormat : this.options.format;
    if (format === null) return (value) => value;
    return (value) => {
      if (!(value instanceof Duration)) return value;
      return format === 'iso-8601' ? value.toISO() : value.toDjango();
    };
  }
}
