import {
  andThen,
  type Awaitable,
  type BaseSerializer,
  boundFields,
  type CompilableClass,
  Failure,
  failure,
  isPromiseLike,
  ListSerializer,
  type Representation,
  SCOPE,
} from '@rf/serializers';
import { SelectQueryBuilder } from 'typeorm';
import { batchOf, startBatch } from './batch.ts';
import { lookUpTogether } from './batch-lookups.ts';
import { forgetMatches, matchedEntities, validateMatched } from './list-match.ts';
import { createItems, updateItems } from './list-writer.ts';
import { validateNested } from './nested-match.ts';
import type { PlanSource } from './read-options.ts';
import { isEntityClass } from './related-source.ts';
import { type EntitySerializerClass, planIn, representEntities } from './represent-entities.ts';
import { UniqueColumnValidator } from './unique-validator.ts';

/**
 * A list of entities: what `many: true` makes of a model serializer (row W05).
 *
 * - Shown: the instance may be a list of entities, an entity class for all its rows, or a query, which is read by the read
 *   plan.
 * - Made: all items or none, errors by index; unique values and related keys of all items are looked up together, and
 *   rows that need nothing but themselves are made in one statement.
 * - Changed: with a list of entities as instance, each item changes the entity whose key it has.
 */
export class ModelListSerializer<Child extends BaseSerializer = BaseSerializer> extends ListSerializer<Child> {
  override toInternalValue(data: unknown): Awaitable<unknown[]> {
    const batch = startBatch(this[SCOPE]);
    forgetMatches(this.#list);
    if (!Array.isArray(data)) return super.toInternalValue(data);
    return andThen(lookUpTogether(this.#list, data as unknown[], batch), () => super.toInternalValue(data));
  }

  override runChildValidation(data: unknown): unknown {
    const { instance, parent } = this[SCOPE];
    const validate = (): unknown => super.runChildValidation(data);
    let outcome: unknown;
    if (parent !== null) outcome = validateNested(this.#list, data, validate);
    else if (Array.isArray(instance)) outcome = validateMatched(this.#list, instance as object[], data, validate);
    else outcome = validate();
    return isPromiseLike(outcome) ? outcome.then((settled) => this.#once(settled)) : this.#once(outcome);
  }

  /** Refuses a unique value that an earlier item of the list has. */
  #once(outcome: unknown): unknown {
    if (typeof outcome !== 'object' || outcome === null || outcome instanceof Failure) return outcome;
    const batch = batchOf(this[SCOPE]);
    if (batch === undefined) return outcome;
    for (const field of boundFields(this.child.constructor as unknown as CompilableClass).values()) {
      const validator = field.validators.find(isUniqueColumn);
      const value = (outcome as Record<string, unknown>)[field.source];
      if (validator === undefined || value === null || value === undefined) continue;
      if (batch.repeats(field.fieldName, String(value))) {
        return new Failure({ [field.fieldName]: failure(validator.message, 'unique').detail });
      }
    }
    return outcome;
  }

  /** Makes all items or none. @throws ValidationError by index, when the database refuses one */
  override create(validated: unknown): Promise<unknown[]> {
    return createItems(this.#list, validated as Readonly<Record<string, unknown>>[]);
  }

  /** Changes all entities or none. @throws ValidationError by index, when the database refuses one */
  override update(_entities: unknown, validated: unknown): Promise<unknown[]> {
    return updateItems(this.#list, matchedEntities(this.#list), validated as Readonly<Record<string, unknown>>[]);
  }

  override represent(): Awaitable<Representation<this>> {
    const type = this.child.constructor as unknown as EntitySerializerClass;
    const scope = this[SCOPE];
    const { instance } = scope;
    if (scope.shown === null && isPlanSource(instance)) {
      return andThen(planIn(type, this).list(instance, {}, this), (value) => {
        scope.shown = { value };
        return value as Representation<this>;
      });
    }
    return representEntities(this, type, () => super.represent()) as Awaitable<Representation<this>>;
  }

  get #list(): ListSerializer {
    return this as unknown as ListSerializer;
  }
}

function isUniqueColumn(validator: unknown): validator is UniqueColumnValidator {
  return validator instanceof UniqueColumnValidator;
}

function isPlanSource(instance: unknown): instance is PlanSource {
  return instance instanceof SelectQueryBuilder || isEntityClass(instance);
}
