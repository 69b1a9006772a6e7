import { boundFields, type CompilableClass, type Field, type ListSerializer, SCOPE } from '@rf/serializers';
import type { ListBatch } from './batch.ts';
import { EntityRelatedField } from './entity-related-field.ts';
import { hasDatabase } from './related-source.ts';
import { UniqueColumnValidator } from './unique-validator.ts';

/** Lists of one item gain nothing. */
const LEAST_ITEMS = 2;

/**
 * Asks for all items of a list at once what each of them would ask for itself: whether unique values are taken, and which
 * related entities keys lead to. What cannot be foreseen is asked for item by item, as ever.
 */
export async function lookUpTogether(list: ListSerializer, items: readonly unknown[], batch: ListBatch): Promise<void> {
  const scope = list.child[SCOPE];
  if (items.length < LEAST_ITEMS || !hasDatabase(scope.context)) return;
  const fields = boundFields(list.child.constructor as unknown as CompilableClass);
  for (const field of fields.values()) {
    if (field.readOnly) continue;
    const values = plainValues(field, items);
    if (values.length === 0) continue;
    if (field instanceof EntityRelatedField) {
      const found = await field.findTogether(values, scope);
      if (found !== null) batch.related.set(field.fieldName, found);
      continue;
    }
    const [source] = field.sourceAttrs;
    const validator = field.validators.find(isUniqueColumn);
    if (validator === undefined || source === undefined || field.sourceAttrs.length > 1) continue;
    batch.taken.set(field.fieldName, await validator.takenAmong(values, scope, source));
  }
}

function isUniqueColumn(validator: unknown): validator is UniqueColumnValidator {
  return validator instanceof UniqueColumnValidator;
}

/** The texts and numbers that items have under a name, lists of them taken apart. */
function plainValues(field: Field, items: readonly unknown[]): (string | number)[] {
  const values = new Set<string | number>();
  for (const item of items) {
    if (typeof item !== 'object' || item === null || !Object.hasOwn(item, field.fieldName)) continue;
    const given = (item as Record<string, unknown>)[field.fieldName];
    for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
      if (typeof value === 'string') values.add(value.trim());
      else if (typeof value === 'number') values.add(value);
    }
  }
  return [...values];
}
