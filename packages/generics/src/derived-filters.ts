import { ImproperlyConfigured } from '@rf/exceptions';
import { entityField } from '@rf/orm';
import type { Choices } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { ChoiceFilter, ModelChoiceFilter, ModelMultipleChoiceFilter } from './choice-filters.ts';
import type { Filter, FilterOptions, TextFilter } from './filter.ts';
import { BaseInFilter, BaseRangeFilter } from './list-filters.ts';
import { columnExpression, requireLookup, TEXTUAL_LOOKUPS } from './lookups.ts';
import { isToMany, type ModelPath, noMember, resolvePath } from './model-path.ts';
import type { EntityType } from './queryset.ts';
import {
  BooleanFilter,
  CharFilter,
  DateFilter,
  DurationFilter,
  IsoDateTimeFilter,
  NumberFilter,
  TimeFilter,
  UUIDFilter,
} from './value-filters.ts';

/** A filter class whose text is a value of a column type. */
type ValueFilterClass = new (options?: FilterOptions) => TextFilter;

const BY_TYPE: Readonly<Record<string, ValueFilterClass>> = {
  smallint: NumberFilter,
  integer: NumberFilter,
  bigint: NumberFilter,
  numeric: NumberFilter,
  'double precision': NumberFilter,
  varchar: CharFilter,
  text: CharFilter,
  char: CharFilter,
  inet: CharFilter,
  boolean: BooleanFilter,
  date: DateFilter,
  timestamptz: IsoDateTimeFilter,
  timestamp: IsoDateTimeFilter,
  time: TimeFilter,
  interval: DurationFilter,
  uuid: UUIDFilter,
};

/**
 * The filter of a column or path under a lookup: what its text stands for follows from the column's type, its choices, or
 * the relation.
 *
 * @param where what it was written in, for errors
 * @throws ImproperlyConfigured when there is no such column or lookup, or no filter for the type
 */
export function derivedFilter(metadata: EntityMetadata, field: string, lookupExpr: string, where: string): Filter {
  const path = resolvePath(metadata, `${field}__${lookupExpr}`);
  if (path === null) throw noMember(metadata, field, where, "['…']");
  const options = { fieldName: field, lookupExpr };
  const lookup = requireLookup(columnExpression(path.column, '').type, path.rest, 'UTC', where);
  const isTransformed = path.rest.length > 1 || path.rest[0] !== lookup.name;
  const refuse = (type: string): never => {
    throw new ImproperlyConfigured(
      `${where}: there is no filter for ${field} of type ${type}. Declare one in a FilterSet: \`${field} = new CharFilter();\`.`,
    );
  };
  const single = (): TextFilter => {
    if (TEXTUAL_LOOKUPS.has(lookup.name)) return new CharFilter(options);
    if (path.relation !== null && !isTransformed) return choiceOf(path.relation, options);
    const type = path.column.type === 'enum' || path.column.type === 'simple-enum' ? 'varchar' : lookup.type;
    return new (BY_TYPE[type] ?? refuse(type))(options);
  };
  if (lookup.name === 'isnull') return new BooleanFilter(options);
  if (lookup.name === 'in') return new BaseInFilter({ ...options, of: single() });
  if (lookup.name === 'range') return new BaseRangeFilter({ ...options, of: single() });
  if (lookup.name === 'exact' && !isTransformed) return exactFilter(path, options) ?? single();
  return single();
}

/** The filters of equality that know what can be chosen. */
function exactFilter(path: ModelPath, options: FilterOptions): Filter | null {
  const { relation, column } = path;
  if (relation !== null) {
    const queryset = relation.inverseEntityMetadata.target as EntityType;
    return isToMany(relation) ? new ModelMultipleChoiceFilter({ ...options, queryset }) : choiceOf(relation, options);
  }
  const choices = choicesOf(column);
  return choices === null ? null : new ChoiceFilter({ ...options, choices });
}

function choiceOf(relation: RelationMetadata, options: FilterOptions): ModelChoiceFilter {
  const key = isToMany(relation) ? undefined : relation.joinColumns[0]?.referencedColumn;
  const isPrimary = key === undefined || key.isPrimary;
  return new ModelChoiceFilter({
    ...options,
    queryset: relation.inverseEntityMetadata.target as EntityType,
    ...(isPrimary ? {} : { toFieldName: key.propertyPath }),
  });
}

function choicesOf(column: ColumnMetadata): Choices | null {
  const { choices } = entityField(column.target as EntityType, column.propertyName);
  if (choices !== undefined) return (Array.isArray(choices) ? choices : Object.entries(choices)) as Choices;
  return column.enum === undefined ? null : column.enum;
}
