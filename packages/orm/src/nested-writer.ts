import { type Detail, ValidationError } from '@rf/exceptions';
import type { NestedField } from '@rf/serializers';
import type { EntityManager } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { keyText } from './completion.ts';
import { matchOf, readRelated, readRelatedOfEach } from './nested-match.ts';
import type { NestedWrite } from './nested-write.ts';
import { attachRelated, detachRelated, linkNew } from './relation-writer.ts';
import { togetherOrEach, type WritePass } from './write-pass.ts';

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
  createIn(pass: WritePass, attributes: Attributes): Promise<object>;
  updateIn(pass: WritePass, entity: object, attributes: Attributes): Promise<object>;
  /** Whether objects with these attributes, and those around them, may be written together. */
  writesTogether(items: readonly Attributes[], isUpdate: boolean): boolean;
  /** Makes several, in statements for all of them; in the order of the items. */
  createTogether(pass: WritePass, items: readonly Attributes[]): Promise<object[]>;
  /** Changes several, in as few statements as can be. */
  updateTogether(pass: WritePass, changes: readonly EntityChange[]): Promise<void>;
}

/** An entity and what it is to become. */
export interface EntityChange {
  readonly entity: object;
  readonly attributes: Attributes;
}

/** A nested list and the object that it belongs to. */
export interface OwnedList {
  readonly nested: NestedData;
  readonly owner: object;
}

/** Makes the one related object of a nested serializer; null for null. */
export async function createNestedOne(pass: WritePass, nested: NestedData): Promise<object | null> {
  if (nested.value === null) return null;
  return at(nested.field.fieldName, () => nested.writer.createIn(pass, nested.value as Attributes));
}

/** Changes the one related object, or makes it; `finish` removes the one that it takes the place of, if so wanted. */
export async function updateNestedOne(
  pass: WritePass,
  nested: NestedData,
  owner: object,
): Promise<{ value: object | null; finish: () => Promise<void> }> {
  const { manager } = pass;
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
      ? nested.writer.createIn(pass, attributes)
      : nested.writer.updateIn(pass, existing, attributes),
  );
  return { value, finish: nothing };
}

/**
 * Writes the related objects of nested lists of the same field, each of another owner: those that match are changed, the
 * others made.
 *
 * @param areNew whether the owners were just made, so that there is nothing to match
 */
export async function writeNestedLists(pass: WritePass, lists: readonly OwnedList[], areNew: boolean): Promise<void> {
  if (pass.mode === 'together') return writeTogether(pass, lists, areNew);
  for (const list of lists) {
    const items = itemsOf(list.nested);
    const isTried = pass.mode === 'either' && items.length > 1 && list.nested.writer.writesTogether(items, !areNew);
    if (!isTried) await writeEach(pass, list, areNew);
    else await togetherOrEach(pass.manager, (inner) => writeList(inner, list, areNew));
  }
}

function writeList(pass: WritePass, list: OwnedList, isNew: boolean): Promise<void> {
  return pass.mode === 'together' ? writeTogether(pass, [list], isNew) : writeEach(pass, list, isNew);
}

function itemsOf({ value }: NestedData): readonly Attributes[] {
  return (value ?? []) as readonly Attributes[];
}

/** One object after the other: an error says which it is of. */
async function writeEach(pass: WritePass, { nested, owner }: OwnedList, isNew: boolean): Promise<void> {
  const { field, relation, options, writer } = nested;
  const { manager } = pass;
  const existing = isNew ? [] : await readRelated(manager, relation.entityMetadata, relation, owner);
  const matching = new Matching(relation, owner, existing);
  const made: object[] = [];
  for (const [index, item] of itemsOf(nested).entries()) {
    await at([field.fieldName, String(index)], async () => {
      const current = matching.take(item);
      if (current === undefined) made.push(await writer.createIn(pass, matching.linked(item)));
      else await writer.updateIn(pass, current, item);
    });
  }
  if (relation.isManyToMany) await attachRelated(manager, relation, owner, made);
  const { orphans } = matching;
  if (options.orphans === 'remove') await remove(manager, relation, orphans);
  if (options.orphans === 'detach') await detachRelated(manager, relation, [owner], [orphans]);
}

/**
 * All objects of all lists: first the new ones are made, then the others changed, then links set, then those that are left
 * out taken away.
 */
async function writeTogether(pass: WritePass, lists: readonly OwnedList[], areNew: boolean): Promise<void> {
  const [first] = lists;
  if (first === undefined) return;
  const { manager } = pass;
  const { relation, options, writer } = first.nested;
  const owners = lists.map(({ owner }) => owner);
  const existing = areNew ? [] : await readRelatedOfEach(manager, relation.entityMetadata, relation, owners);
  const created: { readonly list: number; readonly attributes: Attributes }[] = [];
  const changed: EntityChange[] = [];
  const matchings = lists.map(({ nested, owner }, list) => {
    const matching = new Matching(relation, owner, existing[list] ?? []);
    for (const item of itemsOf(nested)) {
      const current = matching.take(item);
      if (current === undefined) created.push({ list, attributes: matching.linked(item) });
      else changed.push({ entity: current, attributes: item });
    }
    return matching;
  });
  const made = await writer.createTogether(
    pass,
    created.map(({ attributes }) => attributes),
  );
  await writer.updateTogether(pass, changed);
  if (relation.isManyToMany) {
    const madeOf: object[][] = lists.map(() => []);
    for (const [index, { list }] of created.entries()) madeOf[list]?.push(made[index] as object);
    await linkNew(manager, relation, owners, madeOf);
  }
  const orphans = matchings.map((matching) => matching.orphans);
  if (options.orphans === 'remove') await remove(manager, relation, orphans.flat());
  if (options.orphans === 'detach') await detachRelated(manager, relation, owners, orphans);
}

/** Tells which items of a list stand for objects that its owner has. */
class Matching {
  readonly #byKey: ReadonlyMap<string | null, object>;
  readonly #kept = new Set<object>();

  constructor(
    private readonly relation: RelationMetadata,
    private readonly owner: object,
    private readonly existing: readonly object[],
  ) {
    this.#byKey = new Map(existing.map((entity) => [keyText(relation.inverseEntityMetadata, entity), entity]));
  }

  /** The object that an item changes, which is then no orphan; undefined for an item that makes a new one. */
  take(item: Attributes): object | undefined {
    const match = matchOf(item);
    const current =
      match === undefined ? undefined : this.#byKey.get(keyText(this.relation.inverseEntityMetadata, match));
    if (current !== undefined) this.#kept.add(current);
    return current;
  }

  /** The attributes of a new object, which is the owner's. */
  linked(item: Attributes): Attributes {
    return this.relation.isOneToMany ? { ...item, [this.relation.inverseSidePropertyPath]: this.owner } : item;
  }

  /** The objects that no item stands for. */
  get orphans(): object[] {
    return this.existing.filter((entity) => !this.#kept.has(entity));
  }
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
