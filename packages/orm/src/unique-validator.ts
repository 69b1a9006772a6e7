import { ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { type Field, type Scope, type ValidatorObject } from '@rf/serializers';
import { batchAround } from './batch.ts';
import { isSameValue, storedColumn } from './column-value.ts';
import { keyText } from './completion.ts';
import { EntityLookup } from './entity-lookup.ts';
import { keyValue } from './key-value.ts';
import { type RelatedSource, type RelationTarget, sourceName } from './related-source.ts';
import { RowCheck } from './row-check.ts';
import type { EntityClass } from './substitutable.ts';

/** How values are compared. */
export type UniqueLookup =
  | 'exact'
  | 'iexact'
  | 'contains'
  | 'icontains'
  | 'startswith'
  | 'istartswith'
  | 'endswith'
  | 'iendswith';

const LOOKUPS: Readonly<Record<UniqueLookup, string>> = {
  exact: '{0} = {=0}',
  iexact: 'UPPER({0}::text) = UPPER({=0})',
  contains: 'strpos({0}::text, {=0}) > 0',
  icontains: 'strpos(UPPER({0}::text), UPPER({=0})) > 0',
  startswith: 'starts_with({0}::text, {=0})',
  istartswith: 'starts_with(UPPER({0}::text), UPPER({=0}))',
  endswith: 'right({0}::text, length({=0})) = {=0}',
  iendswith: 'right(UPPER({0}::text), length({=0})) = UPPER({=0})',
};

/** Options of UniqueValidator. */
export interface UniqueValidatorOptions {
  /** Among whose rows the value must be unique. */
  readonly queryset: RelatedSource | RelationTarget;
  /** Default `This field must be unique.` */
  readonly message?: string;
  /** Default `exact`. */
  readonly lookup?: UniqueLookup;
  /** Default `unique`. */
  readonly code?: string;
}

/**
 * Refuses the value of a field that another row has already (row VA01). In an update the object's own row does not count.
 *
 * Two requests at once may both pass; then the database's constraint refuses the second, with the same answer.
 */
export class UniqueValidator implements ValidatorObject<unknown> {
  readonly requiresContext = true;
  readonly message: string;

  constructor(readonly options: UniqueValidatorOptions) {
    this.message = options.message ?? 'This field must be unique.';
  }

  /** @throws ValidationError when another row has the value */
  async validate(value: unknown, scope: Scope, field: Field | null): Promise<void> {
    const source = field?.sourceAttrs.at(-1);
    if (source === undefined)
      throw new ImproperlyConfigured('UniqueValidator is a validator of fields, not of serializers.');
    const check = new RowCheck(this.options.queryset, scope);
    const column = storedColumn(check.metadata, source);
    if (column === undefined) {
      throw new ImproperlyConfigured(
        `${field?.owner}.${field?.fieldName}: UniqueValidator finds no column \`${source}\` in ${check.metadata.name}.`,
      );
    }
    const sql = LOOKUPS[this.options.lookup ?? 'exact'];
    // What the row has itself it may keep, without asking the database.
    if (this.keepsValue(scope, source, (own) => isSameValue(column, own, value))) return;
    if (await check.exists([{ sql, terms: [{ column, value }] }], scope.instance)) {
      throw new ValidationError([new ErrorDetail(this.message, this.options.code ?? 'unique')]);
    }
  }

  /** Whether the object has the value already, so that there is nothing to ask. */
  protected keepsValue(_scope: Scope, _source: string, _isSame: (own: unknown) => boolean): boolean {
    return false;
  }

  toString(): string {
    return `new UniqueValidator({ queryset: ${sourceName(this.options.queryset)} })`;
  }
}

/** The validator of a column that the database keeps unique: a value that the row has already is its own. */
export class UniqueColumnValidator extends UniqueValidator {
  protected override keepsValue(scope: Scope, source: string, isSame: (own: unknown) => boolean): boolean {
    const { instance } = scope;
    if (typeof instance !== 'object' || instance === null || !Object.hasOwn(instance, source)) return false;
    return isSame((instance as Record<string, unknown>)[source]);
  }

  /** A value of a list's item may have been looked for with those of the others. */
  override validate(value: unknown, scope: Scope, field: Field | null): Promise<void> {
    const known = field === null ? undefined : batchAround(scope)?.taken.get(field.fieldName);
    const owner = known?.get(String(value));
    return owner === undefined ? super.validate(value, scope, field) : this.#refuseOthers(owner, scope);
  }

  async #refuseOthers(owner: string | null, scope: Scope): Promise<void> {
    if (owner === null) return;
    const { metadata } = new RowCheck(this.options.queryset, scope);
    const { instance } = scope;
    if (typeof instance === 'object' && instance !== null && keyText(metadata, instance) === owner) return;
    throw new ValidationError([new ErrorDetail(this.message, this.options.code ?? 'unique')]);
  }

  /** Which of some values rows have already: the key of the row by the text of the value, null for a value that is free. */
  async takenAmong(
    values: readonly (string | number)[],
    scope: Scope,
    source: string,
  ): Promise<ReadonlyMap<string, string | null>> {
    const { metadata, manager } = new RowCheck(this.options.queryset, scope);
    const column = storedColumn(metadata, source);
    const taken = new Map<string, string | null>();
    if (column === undefined || column.transformer !== undefined) return taken;
    const keys = values.map((value) => keyValue(column, value)).filter(isKey);
    for (const key of keys) taken.set(String(key), null);
    const lookup = EntityLookup.inTable(manager, metadata.target as EntityClass, source);
    for (const [text, entity] of await lookup.byText(keys)) taken.set(text, keyText(metadata, entity));
    return taken;
  }
}

function isKey(key: unknown): key is string | number {
  return typeof key === 'string' || typeof key === 'number';
}
