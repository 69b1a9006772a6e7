import {
  boundFields,
  type CompilableClass,
  Failure,
  failure,
  type ListSerializer,
  NestedField,
  SCOPE,
  type Scope,
} from '@rf/serializers';
import { EntityManager, type EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { keyText } from './completion.ts';
import { EntityStatement } from './entity-statement.ts';
import type { ModelSerializerOptions } from './model-options.ts';
import { Need, propertyName } from './need.ts';
import type { NestedWrite } from './nested-write.ts';
import { managerOf } from './related-source.ts';
import type { EntityClass } from './substitutable.ts';

/** The entities that validated items stand for: what matching found, until they are written. */
const matched = new WeakMap<object, object>();

/** The entity that a validated item changes; undefined for an item that makes a new one. */
export function matchOf(item: object): object | undefined {
  return matched.get(item);
}

/** How the items of a nested list are matched with what the parent has already. */
export interface NestedMatcher {
  readonly relation: RelationMetadata;
  /** The field of the items that names the object. */
  readonly fieldName: string;
  /** The property behind it. */
  readonly property: string;
  /** Whether that is the key, so that a value that matches nothing is an error. */
  readonly isKey: boolean;
}

/**
 * Validates one item of a nested list that is written. In an update the item's object, if it has one, is the instance:
 * unique validators do not take it for another.
 */
export function validateNested(list: ListSerializer, data: unknown, validate: () => unknown): unknown {
  const found = findNested(list);
  if (found === null) return validate();
  return existingOf(list, found).then(async (existing) => {
    const { matcher } = found;
    const child = list.child[SCOPE];
    const key = keyIn(data, matcher.fieldName);
    const match = key === null ? undefined : existing.get(key);
    if (key !== null && match === undefined && matcher.isKey) {
      return new Failure({
        [matcher.fieldName]: failure(`Invalid pk "${key}" - object does not exist.`, 'does_not_exist').detail,
      });
    }
    child.instance = match ?? null;
    try {
      const outcome: unknown = await validate();
      if (match !== undefined && typeof outcome === 'object' && outcome !== null) matched.set(outcome, match);
      return outcome;
    } finally {
      child.instance = null;
    }
  });
}

/** A nested list in an update, with what it hangs on. */
interface FoundNested {
  readonly parent: object;
  readonly metadata: EntityMetadata;
  readonly manager: EntityManager;
  readonly matcher: NestedMatcher;
}

function findNested(list: ListSerializer): FoundNested | null {
  const scope = list[SCOPE].parent;
  if (scope === null || typeof scope.instance !== 'object' || scope.instance === null) return null;
  const type = scope.serializer.constructor as unknown as CompilableClass & {
    readonly entity?: EntityClass;
    readonly model?: ModelSerializerOptions;
  };
  const { entity, model } = type;
  if (entity === undefined || model?.nestedWrites === undefined) return null;
  const field = nestedFieldOf(list, scope, type);
  const options = field === null ? undefined : model.nestedWrites[field.fieldName];
  if (field === null || options === undefined) return null;
  const manager = managerOf(scope);
  const metadata = manager.dataSource.getMetadata(entity);
  const relation = metadata.findRelationWithPropertyPath(field.source);
  const matcher = relation === undefined ? null : nestedMatcher(field, relation, options);
  return matcher === null ? null : { parent: scope.instance, metadata, manager, matcher };
}

function nestedFieldOf(list: ListSerializer, scope: Scope, type: CompilableClass): NestedField | null {
  for (const field of boundFields(type).values()) {
    if (field instanceof NestedField && field.many && (field.nestedIn(scope) as unknown) === list) return field;
  }
  return null;
}

/** How a nested field matches items with objects; null when no field of it names them. */
export function nestedMatcher(
  field: NestedField,
  relation: RelationMetadata,
  { matchBy }: NestedWrite,
): NestedMatcher | null {
  const fields = boundFields(field.serializerClass as unknown as CompilableClass);
  const key = propertyName(relation.inverseEntityMetadata, 'pk');
  if (matchBy !== undefined) {
    const property = fields.get(matchBy)?.source ?? matchBy;
    return { relation, fieldName: matchBy, property, isKey: property === key };
  }
  for (const inner of fields.values()) {
    if (inner.source === key) return { relation, fieldName: inner.fieldName, property: key, isKey: true };
  }
  return null;
}

function keyIn(data: unknown, name: string): string | null {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, name)) return null;
  const key = (data as Record<string, unknown>)[name];
  return typeof key === 'string' || typeof key === 'number' ? String(key) : null;
}

const loaded = new WeakMap<ListSerializer, Map<object, Promise<Map<string, object>>>>();

/** What a parent has, by the text of the matching property; read once for a list and its parent. */
function existingOf(
  list: ListSerializer,
  { parent, metadata, manager, matcher }: FoundNested,
): Promise<Map<string, object>> {
  let byParent = loaded.get(list);
  if (byParent === undefined) loaded.set(list, (byParent = new Map()));
  let existing = byParent.get(parent);
  if (existing === undefined) {
    existing = readRelated(manager, metadata, matcher.relation, parent).then(
      (entities) =>
        new Map(entities.map((entity) => [String((entity as Record<string, unknown>)[matcher.property]), entity])),
    );
    byParent.set(parent, existing);
  }
  return existing;
}

const statements = new WeakMap<RelationMetadata, EntityStatement>();

/** The related entities of one, with all their columns. */
export async function readRelated(
  manager: EntityManager,
  metadata: EntityMetadata,
  relation: RelationMetadata,
  parent: object,
): Promise<object[]> {
  const [related] = await readRelatedOfEach(manager, metadata, relation, [parent]);
  return related as object[];
}

/** The related entities of each of several, with all their columns, in one statement. */
export async function readRelatedOfEach(
  manager: EntityManager,
  metadata: EntityMetadata,
  relation: RelationMetadata,
  parents: readonly object[],
): Promise<object[][]> {
  if (parents.length === 0) return [];
  let statement = statements.get(relation);
  if (statement === undefined) {
    const need = new Need(metadata, '');
    need.addKey();
    need.edge(relation).need.addAllColumns();
    statement = new EntityStatement(need, propertyName(metadata, 'pk'), false);
    statements.set(relation, statement);
  }
  const [key] = metadata.primaryColumns;
  const found = await statement.find(
    manager,
    parents.map((parent) => key?.getEntityValue(parent) as unknown),
  );
  const byKey = new Map(found.map((parent) => [keyText(metadata, parent), parent]));
  return parents.map((parent) => {
    const own = byKey.get(keyText(metadata, parent));
    const value: unknown = own === undefined ? [] : relation.getEntityValue(own);
    if (value === null || value === undefined) return [];
    return (Array.isArray(value) ? value : [value]) as object[];
  });
}
