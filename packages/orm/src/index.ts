// Databases
export { createDataSource, describeEntities, type DataSourceSettings, modelFor } from './data-source.ts';
export { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
export { ConnectionWaitError, isDatabaseUnavailable } from './database-unavailable.ts';
export { type QueryLogOptions } from './query-logger.ts';

// The database of a request
export { dataSource, dataSourceKey, type SiteOwner } from './site-database.ts';
export { atomic, db, onCommit, setRollback } from './atomic.ts';
export { findEntity } from './find-entity.ts';
export { prepared, rawText } from './prepared.ts';
export type { PreparedResult, PreparedStatement } from './prepared-statement.ts';

// Entities
export { DjangoNamingStrategy, snakeCase } from './django-naming-strategy.ts';
export { type EntityClass, substitutable } from './substitutable.ts';
export { type ConstraintKind, type ConstraintViolation, translateConstraintError } from './constraint-error.ts';

// For packages that make queries (@rf/generics)
export {
  columnType,
  type EntityShape,
  type ShapeColumn,
  type ShapeRelation,
  type ShapeUnique,
  shapeOf,
} from './entity-shape.ts';
export { INTEGER_LIMITS } from './integer-limits.ts';
export {
  defaultOrder,
  destinationCondition,
  entityConditions,
  junctionCondition,
  relationCondition,
  tableAs,
} from './join-path.ts';

// What entities say to serializers
export {
  entityField,
  type EntityFieldOptions,
  entityName,
  field,
  needs,
  verboseName,
} from './entity-field.ts';
export { asDecimal } from './decimal-column.ts';
export { isSensitive, sensitive } from './sensitive.ts';

// Model serializers
export {
  BaseModelSerializer,
  type DerivedFieldPlan,
  ModelSerializer,
  type ModelSerializerClass,
} from './model-serializer.ts';
export type { FieldClass, FieldOptionsMap } from './derived-fields.ts';
export { HyperlinkedModelSerializer } from './hyperlinked-model-serializer.ts';
export { ModelListSerializer } from './model-list-serializer.ts';
export { type ItemResult, saveEach, type SaveEachOptions } from './save-each.ts';
export type { ExtraKwargs, ModelSerializerOptions } from './model-options.ts';
export type { NestedWrite } from './nested-write.ts';
export type { SelectiveSubscriber } from './row-writer.ts';
export { ModelField } from './model-field.ts';

// Relations
export { EntityRelatedField, type EntityRelatedFieldOptions } from './entity-related-field.ts';
export { PrimaryKeyRelatedField, type PrimaryKeyRelatedFieldOptions } from './primary-key-related-field.ts';
export { SlugRelatedField, type SlugRelatedFieldOptions } from './slug-related-field.ts';
export { StringRelatedField, type StringRelatedFieldOptions } from './string-related-field.ts';
export {
  HyperlinkedRelatedField,
  type HyperlinkedRelatedFieldOptions,
  type HyperlinkOptions,
} from './hyperlinked-related-field.ts';
export { HyperlinkedIdentityField, type HyperlinkedIdentityFieldOptions } from './hyperlinked-identity-field.ts';
export type { EntityType, RelatedSource } from './related-source.ts';

// Validators
export { type UniqueLookup, UniqueValidator, type UniqueValidatorOptions } from './unique-validator.ts';
export { UniqueTogetherValidator, type UniqueTogetherValidatorOptions } from './unique-together-validator.ts';
export {
  UniqueForDateValidator,
  UniqueForMonthValidator,
  type UniqueForValidatorOptions,
  UniqueForYearValidator,
} from './unique-for-validator.ts';

// Read plans
export { type Page, type PlanContext, planFor, type PlannableClass, ReadPlan } from './read-plan.ts';
export type { PlanSource, ReadOptions } from './read-options.ts';
export { lookupValue } from './column-path.ts';
export { UnplannedAccess } from './unplanned-access.ts';

// Counting statements
export { countQueries, type CountedQueries } from './query-count.ts';
export { queryBudget, QueryBudgetExceeded, type QueryBudgets } from './query-budget.ts';
