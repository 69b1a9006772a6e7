import { boundFields, type CompilableClass, Failure, failure, type ListSerializer, SCOPE } from '@rf/serializers';
import { keyProperty } from './entity-key.ts';
import type { EntityClass } from './substitutable.ts';

/** The entities that the items of lists change, in the order of the items. */
const matches = new WeakMap<ListSerializer, object[]>();

/** The entities that validated items change. */
export function matchedEntities(list: ListSerializer): readonly object[] {
  return matches.get(list) ?? [];
}

/** Forgets what an earlier validation matched. */
export function forgetMatches(list: ListSerializer): void {
  matches.delete(list);
}

/**
 * Validates one item of a list that changes entities: the one with the item's key is the instance, so that unique
 * validators do not take it for another.
 */
export async function validateMatched(
  list: ListSerializer,
  entities: readonly object[],
  data: unknown,
  validate: () => unknown,
): Promise<unknown> {
  const type = list.child.constructor as unknown as CompilableClass & { readonly entity: EntityClass };
  const property = keyProperty(type.entity);
  const name = [...boundFields(type).values()].find(({ source }) => source === property)?.fieldName ?? property;
  const key = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined;
  if (typeof data === 'object' && data !== null && key === undefined) {
    return new Failure({ [name]: failure('This field is required.', 'required').detail });
  }
  const match = entities.find((entity) => String((entity as Record<string, unknown>)[property]) === String(key));
  if (match === undefined && key !== undefined) {
    return new Failure({
      [name]: failure(`Invalid pk "${String(key)}" - object does not exist.`, 'does_not_exist').detail,
    });
  }
  const scope = list.child[SCOPE];
  scope.instance = match ?? null;
  try {
    const outcome: unknown = await validate();
    if (match !== undefined) {
      const matched = matches.get(list) ?? [];
      matches.set(list, [...matched, match]);
    }
    return outcome;
  } finally {
    scope.instance = null;
  }
}
