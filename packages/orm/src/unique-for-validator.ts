import { type DetailInput, ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { boundFields, type CompilableClass, Moment, type Scope, type ValidatorObject } from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { storedColumn } from './column-value.ts';
import { columnType } from './entity-shape.ts';
import { type RelatedSource, type RelationTarget, sourceName } from './related-source.ts';
import { RowCheck } from './row-check.ts';
import { storedValues } from './stored-values.ts';

/** Options of the three validators. */
export interface UniqueForValidatorOptions {
  /** Among whose rows the value must be unique. */
  readonly queryset: RelatedSource | RelationTarget;
  /** The field that must be unique. */
  readonly field: string;
  /** The field that holds the date. */
  readonly dateField: string;
  readonly message?: string;
}

/** What the three validators share (row VA03). */
abstract class UniqueForValidator implements ValidatorObject<Record<string, unknown>> {
  readonly requiresContext = true;
  /** Default text, with `{date_field}`. */
  protected abstract readonly text: string;

  constructor(readonly options: UniqueForValidatorOptions) {}

  /** SQL that compares the column `{1}` with the date `{=1}`. */
  protected abstract condition(column: string, date: string): string;

  /** @throws ValidationError when another row of that time has the value, or when one of the two is missing */
  async validate(attrs: Readonly<Record<string, unknown>>, scope: Scope): Promise<void> {
    const { field, dateField, queryset } = this.options;
    const fields = boundFields(scope.serializer.constructor as unknown as CompilableClass);
    const sources = [field, dateField].map((name) => fields.get(name)?.source ?? name) as [string, string];
    const check = new RowCheck(queryset, scope);
    const columns = sources.map((source) => {
      const column = storedColumn(check.metadata, source);
      if (column === undefined) {
        throw new ImproperlyConfigured(
          `${this.constructor.name} finds no column \`${source}\` in ${check.metadata.name}.`,
        );
      }
      return column;
    }) as [ColumnMetadata, ColumnMetadata];
    const { instance } = scope;
    const stored =
      typeof instance === 'object' && instance !== null
        ? await storedValues(check.manager, check.metadata, instance, columns)
        : null;
    if (stored === null) this.#requireBoth(attrs, sources);
    const [value, date] = sources.map((source, at) =>
      source in attrs ? attrs[source] : stored?.get(columns[at] as ColumnMetadata),
    );
    if (date === null || date === undefined) return;
    const day =
      date instanceof Date ? Moment.of(date, scope.settings.timeZone).toISO().slice(0, 10) : String(date).slice(0, 10);
    const shown =
      columnType(columns[1].type) === 'date' ? '{0}' : `({0} AT TIME ZONE ${zoneText(scope.settings.timeZone)})`;
    const isTaken = await check.exists(
      [
        { sql: '{0} = {=0}', terms: [{ column: columns[0], value }] },
        { sql: this.condition(shown, '{=0}::text::date'), terms: [{ column: columns[1], parameter: day }] },
      ],
      instance,
    );
    if (!isTaken) return;
    const message = (this.options.message ?? this.text).replaceAll('{date_field}', dateField);
    throw new ValidationError({ [field]: [new ErrorDetail(message, 'unique')] });
  }

  #requireBoth(attrs: Readonly<Record<string, unknown>>, sources: readonly [string, string]): void {
    const { field, dateField } = this.options;
    const missing: Record<string, DetailInput> = {};
    for (const [at, name] of [field, dateField].entries()) {
      if (!((sources[at] as string) in attrs)) missing[name] = [new ErrorDetail('This field is required.', 'required')];
    }
    if (Object.keys(missing).length > 0) throw new ValidationError(missing);
  }

  toString(): string {
    const { queryset, field, dateField } = this.options;
    return `new ${this.constructor.name}({ queryset: ${sourceName(queryset)}, field: '${field}', dateField: '${dateField}' })`;
  }
}

/** An IANA name as a literal: letters, digits, `/`, `_`, `+` and `-` only. */
function zoneText(zone: string): string {
  return `'${zone.replace(/[^\w/+-]/g, '')}'`;
}

/** The value may stand once for each day. */
export class UniqueForDateValidator extends UniqueForValidator {
  protected override readonly text = 'This field must be unique for the "{date_field}" date.';

  protected override condition(column: string, date: string): string {
    return `${column}::date = ${date}`;
  }
}

/** The value may stand once for each month, of any year, as in the reference. */
export class UniqueForMonthValidator extends UniqueForValidator {
  protected override readonly text = 'This field must be unique for the "{date_field}" month.';

  protected override condition(column: string, date: string): string {
    return `extract(month from ${column}) = extract(month from ${date})`;
  }
}

/** The value may stand once for each year. */
export class UniqueForYearValidator extends UniqueForValidator {
  protected override readonly text = 'This field must be unique for the "{date_field}" year.';

  protected override condition(column: string, date: string): string {
    return `extract(year from ${column}) = extract(year from ${date})`;
  }
}
