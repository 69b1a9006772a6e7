import { type DetailInput, ErrorDetail, ValidationError } from '@rf/exceptions';
import { type Field, type Scope } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import { type ConstraintViolation, translateConstraintError } from './constraint-error.ts';
import { entityField, words } from './entity-field.ts';
import { uniqueMessage } from './derived-fields.ts';
import type { EntityClass } from './substitutable.ts';
import { UniqueTogetherValidator } from './unique-together-validator.ts';
import { UniqueValidator } from './unique-validator.ts';

/** The fields of a serializer, and its validators, as far as a broken constraint is their business. */
export interface ConstraintOwner {
  readonly fields: ReadonlyMap<string, Field>;
  readonly validators: readonly unknown[];
  readonly scope: Scope;
}

/**
 * What an error of a write is answered with: the refusal that the validators would have given, had they seen the other
 * row in time (row W06). An error that is not the client's is returned as it is.
 */
export function constraintFailure(error: unknown, metadata: EntityMetadata, owner: ConstraintOwner): unknown {
  const violation = translateConstraintError(error, metadata);
  if (violation === null) return error;
  const fields = violation.fields.map((property) => fieldOf(owner.fields, property));
  const isOurs = fields.every((field) => field !== undefined);
  switch (violation.kind) {
    case 'unique':
      return uniqueFailure(violation, fields, metadata, owner);
    case 'foreignKey':
      return isOurs ? failureAt(fields[0], gone(fields[0]), owner) : error;
    case 'notNull':
      // A value that the client cannot give is missing: that is a mistake of the view, which forgot it.
      return isOurs && fields[0] !== undefined
        ? failureAt(fields[0], new ErrorDetail('This field may not be null.', 'null'), owner)
        : error;
    case 'check':
      return failureAt(
        fields.length === 1 ? fields[0] : undefined,
        new ErrorDetail('This value is not allowed.', 'check'),
        owner,
      );
    case 'exclusion':
      return failureAt(
        fields.length === 1 ? fields[0] : undefined,
        new ErrorDetail('This conflicts with another object.', 'exclusion'),
        owner,
      );
    case 'restricted':
      return error;
  }
}

function fieldOf(fields: ReadonlyMap<string, Field>, property: string): Field | undefined {
  for (const field of fields.values()) if (field.source === property && !field.readOnly) return field;
  return undefined;
}

function uniqueFailure(
  { fields: properties }: ConstraintViolation,
  fields: readonly (Field | undefined)[],
  metadata: EntityMetadata,
  owner: ConstraintOwner,
): ValidationError {
  const [property] = properties;
  if (properties.length === 1 && property !== undefined) {
    const entity = metadata.target as EntityClass;
    const label = entityField(entity, property).label ?? (property === 'id' ? 'ID' : words(property));
    const validator = fields[0]?.validators.find(
      (given): given is UniqueValidator => (given as unknown) instanceof UniqueValidator,
    );
    const text = validator?.message ?? uniqueMessage(entity, property, label);
    return failureAt(fields[0], new ErrorDetail(text, 'unique'), owner);
  }
  const names = properties.map((name, at) => fields[at]?.fieldName ?? name);
  const validator = owner.validators.find(
    (given): given is UniqueTogetherValidator =>
      given instanceof UniqueTogetherValidator && isSameSet(given.options.fields, names),
  );
  const text = (validator?.message ?? 'The fields {field_names} must make a unique set.').replaceAll(
    '{field_names}',
    (validator?.options.fields ?? names).join(', '),
  );
  return failureAt(undefined, new ErrorDetail(text, validator?.options.code ?? 'unique'), owner);
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name) => others.includes(name));
}

/** The related object was there when the input was checked. */
function gone(field: Field | undefined): ErrorDetail {
  const text = field?.errorMessages.does_not_exist;
  const isPlain = text !== undefined && !text.includes('{');
  return new ErrorDetail(isPlain ? text : 'The related object does not exist any more.', 'does_not_exist');
}

function failureAt(field: Field | undefined, error: ErrorDetail, { scope }: ConstraintOwner): ValidationError {
  const detail: DetailInput = { [field?.fieldName ?? scope.settings.nonFieldErrorsKey]: [error] };
  return new ValidationError(detail);
}
