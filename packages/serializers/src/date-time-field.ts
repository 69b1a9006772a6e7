import { ImproperlyConfigured } from '@rf/exceptions';
import type { WallClock } from './calendar.ts';
import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { parseIsoDateTime } from './iso-text.ts';
import { Moment } from './moment.ts';
import { Failure } from './outcome.ts';
import { isTruthy } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';
import { humanized } from './strptime.ts';
import { clockReader, clockWriter, isIso } from './time-format.ts';
import { zoneName } from './zone-name.ts';

/** Options of DateTimeField. */
export interface DateTimeFieldOptions extends FieldOptions<Moment> {
  /** `iso-8601`, a strftime format, or null for the value itself. Default: the setting `datetimeFormat`. */
  readonly format?: string | null;
  /** `iso-8601` and strptime formats. Default: the setting `datetimeInputFormats`. */
  readonly inputFormats?: readonly string[];
  /** IANA zone that values are expressed in. Default: the setting `timeZone`, or none where `useTz` is off. */
  readonly defaultTimezone?: string;
}

type Shown<Options> = Options extends { readonly format: null } ? Moment : string;

/** A moment; validated data has a {@link Moment}, which is a Date (row FI14). */
export class DateTimeField<
  const Options extends DateTimeFieldOptions = {},
  Names extends keyof DateTimeFieldOptions = never,
> extends Field<
  Moment,
  Shown<Options>,
  string | Date,
  Options,
  NamedOptions<DateTimeFieldOptions & { readonly format?: string }, Moment, Names>,
  Names
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'Datetime has wrong format. Use one of these formats instead: {format}.',
    date: 'Expected a datetime but got a date.',
    make_aware: 'Invalid datetime for the timezone "{timezone}".',
    overflow: 'Datetime value out of range.',
  };

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    try {
      if (this.options.defaultTimezone !== undefined) new Moment(0, 0, this.options.defaultTimezone);
    } catch (error) {
      throw new ImproperlyConfigured(`${owner}.${name} (DateTimeField): ${(error as Error).message}`);
    }
  }

  /** The zone that values are expressed in; null where time zones are off. */
  zone(settings: SerializerSettings): string | null {
    return this.options.defaultTimezone ?? (settings.useTz ? settings.timeZone : null);
  }

  override parse(data: unknown, scope: Scope): Moment | Failure {
    return this.parser(scope.settings)(data, scope) as Moment | Failure;
  }

  override parser(settings: SerializerSettings): Parser {
    const zone = this.zone(settings);
    const formats = this.options.inputFormats ?? settings.datetimeInputFormats;
    const read = clockReader(formats, parseIsoDateTime, `${this.owner}.${this.fieldName}`);
    return (data) => {
      if (data instanceof Date && !Number.isNaN(data.getTime())) return this.placed(Moment.of(data), zone);
      const clock = typeof data === 'string' ? read(data) : null;
      if (clock !== null) return this.placedClock(clock, zone);
      const format = humanized(formats, 'YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]');
      return this.failure('invalid', { format });
    };
  }

  private placedClock(clock: WallClock, zone: string | null): Moment | Failure {
    const moment = Moment.at(clock, zone);
    if (moment === null) {
      return clock.offset === null ? this.failure('make_aware', { timezone: zone }) : this.failure('overflow');
    }
    // Without time zones, an offset is turned into UTC and forgotten.
    return zone === null ? Moment.of(moment, null) : moment;
  }

  /** A moment in the field's zone; a naive one is taken to be in it already. */
  private placed(moment: Moment, zone: string | null): Moment | Failure {
    if (moment.zone === null && zone !== null) return this.placedClock(moment.wallClock, zone);
    const placed = Moment.of(moment, zone);
    return placed.isInRange() ? placed : this.failure('overflow');
  }

  override toRepresentation(value: unknown, scope: Scope): Shown<Options> {
    return this.presenter(scope.settings)(value, scope) as Shown<Options>;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const format = this.options.format === undefined ? settings.datetimeFormat : this.options.format;
    const zone = this.zone(settings);
    if (format === null) return (value) => (isTruthy(value) ? value : null);
    const iso = isIso(format);
    const write = clockWriter(format, () => '');
    const namesZone = /%[-_0^#]*\d*Z/.test(format);
    return (value) => {
      if (value instanceof Date) {
        const moment = this.placed(Moment.of(value), zone);
        if (moment instanceof Failure) throw moment.toError();
        if (iso) return moment.toISO();
        return write(namesZone ? withZoneName(moment) : moment.wallClock);
      }
      return isTruthy(value) ? value : null;
    };
  }
}

function withZoneName(moment: Moment): WallClock {
  const { zone, wallClock } = moment;
  return zone === null ? wallClock : { ...wallClock, zoneName: zoneName(zone, moment, moment.offset) };
}
