import { type Detail, ValidationError } from '@rf/exceptions';
import type { NestedField } from '@rf/serializers';
import type { EntityManager } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { keyText } from './completion.ts';
import { matchOf, readRelated } from './nested-match.ts';
import type { NestedWrite } from './nested-write.ts';
import { attachRelated, detachRelated } from './relation-writer.ts';

/** What a nested serializer validated, and where it goes. */
export interface NestedData {
  readonly field: NestedField;
  readonly relation: RelationMetadata;
  readonly value: unknown;
  readonly options: NestedWrite;
  /** Writes the related objects. */
  readonly writer: EntityWriter;
}

type Attributes = Readonly<Record<string, unknown>>;

/** Writes objects inside a transaction. */
export interface EntityWriter {
  createIn(manager: EntityManager, attributes: Attributes): Promise<object>;
  updateIn(manager: EntityManager, entity: object, attributes: Attributes): Promise<object>;
}

/** Makes the one related object of a nested serializer; null for null. */
export async function createNestedOne(manager: EntityManager, nested: NestedData): Promise<object | null> {
  if (nested.value === null) return null;
  return at(nested.field.fieldName, () => nested.writer.createIn(manager, nested.value as Attributes));
}

/** Changes the one related object, or makes it; `finish` removes the one that it takes the place of, if so wanted. */
export async function updateNestedOne(
  manager: EntityManager,
  nested: NestedData,
  owner: object,
): Promise<{ value: object | null; finish: () => Promise<void> }> {
  const { field, relation, options } = nested;
  const [existing] = await readRelated(manager, relation.entityMetadata, relation, owner);
  const nothing = (): Promise<void> => Promise.resolve();
  if (nested.value === null) {
    if (existing === undefined || options.orphans !== 'remove') return { value: null, finish: nothing };
    return { value: null, finish: () => remove(manager, relation, [existing]) };
  }
  const attributes = nested.value as Attributes;
  const value = await at(field.fieldName, () =>
    existing === undefined
      ? nested.writer.createIn(manager, attributes)
      : nested.writer.updateIn(manager, existing, attributes),
  );
  return { value, finish: nothing };
}

/** Writes the related objects of a nested list: those that match are changed, the others made. */
export async function writeNestedMany(
  manager: EntityManager,
  nested: NestedData,
  owner: object,
  isNew: boolean,
): Promise<void> {
  const { field, relation, options, writer } = nested;
  const items = (nested.value ?? []) as readonly Attributes[];
  const metadata = relation.inverseEntityMetadata;
  const existing = isNew ? [] : await readRelated(manager, relation.entityMetadata, relation, owner);
  const byKey = new Map(existing.map((entity) => [keyText(metadata, entity), entity]));
  const kept = new Set<string | null>();
  const made: object[] = [];
  for (const [index, item] of items.entries()) {
    await at([field.fieldName, String(index)], async () => {
      const match = matchOf(item);
      const key = match === undefined ? null : keyText(metadata, match);
      const current = key === null ? undefined : byKey.get(key);
      if (current !== undefined) {
        kept.add(key);
        await writer.updateIn(manager, current, item);
      } else {
        const link = relation.isOneToMany ? { [relation.inverseSidePropertyPath]: owner } : {};
        made.push(await writer.createIn(manager, { ...item, ...link }));
      }
    });
  }
  if (relation.isManyToMany) await attachRelated(manager, relation, owner, made);
  const orphans = existing.filter((entity) => !kept.has(keyText(metadata, entity)));
  if (options.orphans === 'remove') await remove(manager, relation, orphans);
  if (options.orphans === 'detach') await detachRelated(manager, relation, owner, orphans);
}

/** TypeORM removes, so that listeners and cascades take part. */
async function remove(manager: EntityManager, relation: RelationMetadata, entities: readonly object[]): Promise<void> {
  if (entities.length > 0) await manager.remove(relation.inverseEntityMetadata.target, [...entities]);
}

/** Puts errors where the input has the object: under the field, and the index. */
async function at<T>(path: string | readonly string[], write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const names = typeof path === 'string' ? [path] : path;
    throw new ValidationError(names.reduceRight<Detail>((inner, name) => ({ [name]: inner }), error.detail));
  }
}
