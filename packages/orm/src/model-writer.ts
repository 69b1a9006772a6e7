import {
  boundFields,
  type CompilableClass,
  ListSerializer,
  type NestedField,
  SCOPE,
  type Serializer,
} from '@rf/serializers';
import { EntityManager, type EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { atomic, db } from './atomic.ts';
import { markFresh } from './completion.ts';
import { constraintFailure } from './constraint-failure.ts';
import { EntityStatement } from './entity-statement.ts';
import { defaultOrder } from './join-path.ts';
import type { ModelSerializerOptions } from './model-options.ts';
import { Need, isToMany } from './need.ts';
import {
  createNestedOne,
  type EntityChange,
  type EntityWriter,
  type NestedData,
  updateNestedOne,
  writeNestedLists,
} from './nested-writer.ts';
import { linkNew, setRelated } from './relation-writer.ts';
import { databaseOf } from './related-source.ts';
import { setRelationValue } from './relation-value.ts';
import { type RowChange, rowWriter, type RowWriter } from './row-writer.ts';
import { hasFiles, storingFiles } from './stored-files.ts';
import type { EntityClass } from './substitutable.ts';
import { togetherOrEach, WritePass } from './write-pass.ts';
import { type WriteSources, writeSources } from './write-sources.ts';

/** Validated data, by what has to be done with it. */
interface Parts {
  /** The entity's own columns and to-one relations. */
  readonly row: Record<string, unknown>;
  /** To-many relations and what they are to lead to. */
  readonly related: readonly (readonly [relation: RelationMetadata, entities: readonly object[]])[];
  readonly nestedOne: readonly NestedData[];
  readonly nestedMany: readonly NestedData[];
}

type Attributes = Readonly<Record<string, unknown>>;
type NestedTarget = Omit<NestedData, 'relation' | 'value'>;
type Method = 'create' | 'update';

/** A serializer that writes entities. */
export type EntitySerializer = Serializer & {
  readonly constructor: CompilableClass & { readonly entity: EntityClass; readonly model: ModelSerializerOptions };
};

/** Writes the validated data of one model serializer. */
export class ModelWriter implements EntityWriter {
  /** The writer of a model serializer. */
  static of(serializer: Serializer): ModelWriter {
    return new ModelWriter(serializer as EntitySerializer);
  }

  readonly metadata: EntityMetadata;
  readonly #database: ReturnType<typeof databaseOf>;
  readonly #rows: RowWriter;
  readonly #sources: WriteSources;
  #nestedTargets: readonly NestedTarget[] | undefined;

  private constructor(readonly serializer: EntitySerializer) {
    this.#database = databaseOf(serializer.context, serializer.constructor.name);
    this.metadata = this.#manager.dataSource.getMetadata(serializer.constructor.entity);
    this.#rows = rowWriter(this.metadata);
    this.#sources = writeSources(serializer.constructor);
  }

  get #manager(): EntityManager {
    return this.#database instanceof EntityManager ? this.#database : db(this.#database);
  }

  /** Makes a row and what belongs to it. */
  create(validated: Attributes): Promise<object> {
    return this.#withFiles(validated, (values) => this.#create(values));
  }

  async #create(validated: Attributes): Promise<object> {
    const parts = this.#split('create', validated);
    if (!isRowOnly(parts) || this.#rows.needsTypeOrm('insert')) {
      return this.#guarded(() => this.#inPass(parts, validated, false, (pass) => this.#createAll(pass, parts)));
    }
    const entity = await this.#guarded(() => this.#rows.insert(this.#manager, parts.row));
    markFresh([entity], this.metadata.dataSource);
    return entity;
  }

  createIn(pass: WritePass, validated: Attributes): Promise<object> {
    return this.#withFiles(validated, (values) => {
      const parts = this.#split('create', values);
      return this.#guarded(() => this.#createAll(pass, parts));
    });
  }

  /** Makes rows that need nothing but themselves, in one statement outside of a transaction; null where they need more. */
  async createRows(items: readonly Attributes[]): Promise<object[] | null> {
    const all = items.map((validated) => this.#split('create', validated));
    if (!all.every(isRowOnly) || items.length > this.#rows.rowsAtOnce) return null;
    const rows = all.map(({ row }) => row);
    const entities = await this.#guarded(() => this.#rows.insertAll(this.#manager, rows));
    markFresh(entities, this.metadata.dataSource);
    return entities;
  }

  writesTogether(items: readonly Attributes[], isUpdate: boolean): boolean {
    if (this.#rows.needsTypeOrm('insert') || (isUpdate && this.#rows.needsTypeOrm('update'))) return false;
    return items.every((item) => {
      if (hasFiles(this.metadata, item)) return false;
      return this.#nestedFields.every(({ field, writer }) => {
        const value = Object.hasOwn(item, field.source) ? item[field.source] : null;
        if (value === null || value === undefined) return true;
        return writer.writesTogether((Array.isArray(value) ? value : [value]) as Attributes[], isUpdate);
      });
    });
  }

  async createTogether(pass: WritePass, items: readonly Attributes[]): Promise<object[]> {
    const { manager } = pass;
    const all = items.map((validated) => this.#split('create', validated));
    const rows = all.map(({ row }) => ({ ...row }));
    for (const group of byField(all.map(({ nestedOne }) => nestedOne))) {
      const given = group.filter(({ nested }) => nested.value !== null);
      const made =
        given.length === 0
          ? []
          : await group[0].nested.writer.createTogether(
              pass,
              given.map(({ nested }) => nested.value as Attributes),
            );
      for (const { nested, at } of group) (rows[at] as Record<string, unknown>)[nested.relation.propertyPath] = null;
      for (const [index, { nested, at }] of given.entries()) {
        (rows[at] as Record<string, unknown>)[nested.relation.propertyPath] = made[index];
      }
    }
    const entities = await this.#rows.insertAll(manager, rows);
    await this.#linkAll(
      manager,
      entities,
      all.map(({ related }) => related),
    );
    for (const group of byField(all.map(({ nestedMany }) => nestedMany))) {
      await writeNestedLists(
        pass,
        group.map(({ nested, at }) => ({ nested, owner: entities[at] as object })),
        true,
      );
    }
    return entities;
  }

  /** Sets the lists of rows that were just made. */
  async #linkAll(manager: EntityManager, entities: readonly object[], all: readonly Parts['related'][]): Promise<void> {
    for (const relation of new Set(all.flatMap((related) => related.map(([relation]) => relation)))) {
      const lists = all.map((related) => related.find(([other]) => other === relation)?.[1] ?? null);
      if (relation.isManyToMany) {
        await linkNew(
          manager,
          relation,
          entities,
          lists.map((list) => list ?? []),
        );
      }
      for (const [at, entity] of entities.entries()) {
        const list = lists[at];
        if (list === undefined || list === null) continue;
        if (!relation.isManyToMany) await setRelated(manager, relation, entity, list, true);
        const shown = inDefaultOrder(relation, list);
        if (shown !== null) setRelationValue(relation, entity, shown);
      }
    }
  }

  /** Writes what differs, and what belongs to the row. */
  update(entity: object, validated: Attributes): Promise<object> {
    return this.#withFiles(validated, (values) => this.#update(entity, values));
  }

  async #update(entity: object, validated: Attributes): Promise<object> {
    const parts = this.#split('update', validated);
    await this.#guarded(() =>
      isRowOnly(parts) && !this.#rows.needsTypeOrm('update')
        ? this.#rows.update(this.#manager, entity, parts.row)
        : this.#inPass(parts, validated, true, (pass) => this.#updateAll(pass, entity, parts)),
    );
    this.#forgetLists(entity);
    return entity;
  }

  updateIn(pass: WritePass, entity: object, validated: Attributes): Promise<object> {
    return this.#withFiles(validated, async (values) => {
      const parts = this.#split('update', values);
      await this.#guarded(() => this.#updateAll(pass, entity, parts));
      this.#forgetLists(entity);
      return entity;
    });
  }

  /**
   * Rows that only have nested lists are changed in one statement for those with the same columns, as long as no change
   * has a say in which rows may stand beside each other: then the order matters, and one comes after the other.
   */
  async updateTogether(pass: WritePass, changes: readonly EntityChange[]): Promise<void> {
    const all = changes.map(({ attributes }) => this.#split('update', attributes));
    const rows = changes.map(({ entity }, at) => this.#rows.changeOf(entity, (all[at] as Parts).row));
    const isOnce = new Set(changes.map(({ entity }) => entity)).size === changes.length;
    const isFree = (at: number): boolean =>
      !this.#rows.isUniqueChange(rows[at] as RowChange) &&
      (all[at] as Parts).related.length === 0 &&
      (all[at] as Parts).nestedOne.length === 0;
    if (!isOnce || !changes.every((_change, at) => isFree(at))) {
      for (const { entity, attributes } of changes) await this.updateIn(pass, entity, attributes);
      return;
    }
    for (const { entity } of changes) pass.remember(this.metadata, entity);
    const before = changes.map(({ entity }) => this.#rows.stateOf(entity));
    await this.#rows.updateAll(pass.manager, rows);
    for (const group of byField(all.map(({ nestedMany }) => nestedMany))) {
      await writeNestedLists(
        pass,
        group.map(({ nested, at }) => ({ nested, owner: (changes[at] as EntityChange).entity })),
        false,
      );
    }
    const untouched = changes.filter(
      ({ entity }, at) => (all[at] as Parts).nestedMany.length > 0 && this.#isState(entity, before[at] ?? []),
    );
    await this.#rows.touch(
      pass.manager,
      untouched.map(({ entity }) => entity),
    );
    for (const { entity } of changes) this.#forgetLists(entity);
  }

  /** Objects around the row are written together where that may be. */
  #inPass<T>(
    { nestedOne, nestedMany }: Parts,
    validated: Attributes,
    isUpdate: boolean,
    write: (pass: WritePass) => Promise<T>,
  ): Promise<T> {
    const isTogether = nestedOne.length + nestedMany.length > 0 && this.writesTogether([validated], isUpdate);
    if (isTogether) return togetherOrEach(this.#database, write);
    return atomic(this.#database, (manager) => write(new WritePass(manager, 'either')));
  }

  #withFiles<T>(validated: Readonly<Record<string, unknown>>, write: (values: Attributes) => Promise<T>): Promise<T> {
    if (!hasFiles(this.metadata, validated)) return write(validated);
    return storingFiles(this.metadata, this.serializer.context, validated, write);
  }

  async #createAll(pass: WritePass, parts: Parts): Promise<object> {
    const { manager } = pass;
    const row = { ...parts.row };
    for (const nested of parts.nestedOne) row[nested.relation.propertyPath] = await createNestedOne(pass, nested);
    const entity = this.#rows.needsTypeOrm('insert')
      ? await this.#saveNew(manager, row)
      : await this.#rows.insert(manager, row);
    for (const [relation, related] of parts.related) {
      await setRelated(manager, relation, entity, related, true);
      const shown = inDefaultOrder(relation, related);
      if (shown !== null) setRelationValue(relation, entity, shown);
    }
    for (const nested of parts.nestedMany) await writeNestedLists(pass, [{ nested, owner: entity }], true);
    return entity;
  }

  async #updateAll(pass: WritePass, entity: object, parts: Parts): Promise<void> {
    const { manager } = pass;
    pass.remember(this.metadata, entity);
    const row = { ...parts.row };
    const before = this.#rows.stateOf(entity);
    let isChanged = parts.nestedOne.length > 0 || parts.nestedMany.length > 0;
    const leftOver: (() => Promise<void>)[] = [];
    for (const nested of parts.nestedOne) {
      const { value, finish } = await updateNestedOne(pass, nested, entity);
      row[nested.relation.propertyPath] = value;
      leftOver.push(finish);
    }
    if (this.#rows.needsTypeOrm('update')) await this.#saveChanged(manager, entity, row);
    else await this.#rows.update(manager, entity, row);
    for (const finish of leftOver) await finish();
    for (const [relation, related] of parts.related) {
      if (await setRelated(manager, relation, entity, related, false)) isChanged = true;
    }
    for (const nested of parts.nestedMany) await writeNestedLists(pass, [{ nested, owner: entity }], false);
    if (isChanged && this.#isState(entity, before)) await this.#rows.touch(manager, [entity]);
  }

  #isState(entity: object, before: readonly unknown[]): boolean {
    const after = this.#rows.stateOf(entity);
    return before.every((value, at) => value === after[at]);
  }

  /** TypeORM stores the row, so that listeners and subscribers see it; then the row is read as the database has it. */
  async #saveNew(manager: EntityManager, row: Attributes): Promise<object> {
    const entity = this.metadata.create(manager.queryRunner) as Record<string, unknown>;
    this.#assign(entity, row);
    await manager.save(this.metadata.target, entity);
    const stored = await this.#reread(manager, entity);
    for (const column of this.metadata.columns) {
      if (!column.isVirtual && column.isSelect) column.setEntityValue(entity, column.getEntityValue(stored));
    }
    return entity;
  }

  async #saveChanged(manager: EntityManager, entity: object, row: Attributes): Promise<void> {
    this.#forgetLists(entity);
    this.#assign(entity as Record<string, unknown>, row);
    await manager.save(this.metadata.target, entity);
  }

  #assign(entity: Record<string, unknown>, row: Attributes): void {
    for (const [property, value] of Object.entries(row)) {
      const relation = this.metadata.findRelationWithPropertyPath(property);
      if (relation !== undefined) setRelationValue(relation, entity, value);
      else this.metadata.findColumnWithPropertyPath(property)?.setEntityValue(entity, value);
    }
  }

  async #reread(manager: EntityManager, entity: object): Promise<object> {
    const need = new Need(this.metadata, '');
    need.addAllColumns();
    const [key] = this.metadata.primaryColumns;
    if (key === undefined || this.metadata.primaryColumns.length > 1) return entity;
    const [stored] = await new EntityStatement(need, key.propertyPath).find(manager, [key.getEntityValue(entity)]);
    return stored ?? entity;
  }

  /** Lists that were loaded before the change say nothing of what is there now. */
  #forgetLists(entity: object): void {
    for (const relation of this.metadata.relations) {
      if (isToMany(relation)) delete (entity as Record<string, unknown>)[relation.propertyName];
    }
  }

  async #guarded<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      throw constraintFailure(error, this.metadata, {
        fields: boundFields(this.serializer.constructor),
        validators: this.serializer.constructor.validators,
        scope: this.serializer[SCOPE],
      });
    }
  }

  // What is to be written where

  #split(method: Method, validated: Attributes): Parts {
    const row: Record<string, unknown> = {};
    const related: [RelationMetadata, readonly object[]][] = [];
    const nestedOne: NestedData[] = [];
    const nestedMany: NestedData[] = [];
    for (const [name, value] of Object.entries(validated)) {
      const relation = this.metadata.findRelationWithPropertyPath(name);
      if (relation === undefined) {
        this.#placeColumn(row, name, value);
        continue;
      }
      this.#refuseDotted(method, name, value);
      const nested = this.#nested(method, relation, value);
      if (nested !== null) (isToMany(relation) ? nestedMany : nestedOne).push(nested);
      else if (isToMany(relation)) related.push([relation, value as readonly object[]]);
      else if (relation.isOwning) row[name] = value;
      else throw this.#noSuchProperty(name);
    }
    return { row, related, nestedOne, nestedMany };
  }

  #placeColumn(row: Record<string, unknown>, name: string, value: unknown): void {
    if (this.metadata.findColumnWithPropertyPath(name) !== undefined) {
      row[name] = value;
      return;
    }
    if (this.metadata.findEmbeddedWithPropertyPath(name) === undefined) throw this.#noSuchProperty(name);
    for (const [key, inner] of Object.entries(value as object)) this.#placeColumn(row, `${name}.${key}`, inner);
  }

  #noSuchProperty(name: string): TypeError {
    const { name: entity } = this.metadata;
    const { name: serializer } = this.serializer.constructor;
    return new TypeError(
      `Got a TypeError when storing a ${entity}: it has no property \`${name}\` that can be written. This may be because ` +
        `${serializer} has a writable field that is no property of ${entity}, or because save() was given it. You may need to ` +
        `make the field read-only, or override ${serializer}.create() and update() to handle this correctly.`,
    );
  }

  /** The nested serializer that made the value; null when none did. @throws Error when it was not declared (row SE13) */
  #nested(method: Method, relation: RelationMetadata, value: unknown): NestedData | null {
    const field = this.#sources.nested.get(relation.propertyPath);
    if (field === undefined) return null;
    const declared = this.#nestedFields.find((nested) => nested.field === field);
    if (declared !== undefined) return { ...declared, relation, value };
    if (value === null) return null;
    throw new Error(
      `The \`.${method}()\` method does not support writable nested fields by default.\n` +
        `Write an explicit \`.${method}()\` method for serializer \`${this.serializer.constructor.name}\`, name the field in ` +
        `\`nestedWrites: { ${field.fieldName}: {} }\`, or set \`readOnly: true\` on nested serializer fields.`,
    );
  }

  /** The fields that are declared to be written, and who writes them. */
  get #nestedFields(): readonly NestedTarget[] {
    if (this.#nestedTargets === undefined) {
      const targets: NestedTarget[] = [];
      for (const field of this.#sources.nested.values()) {
        const options = this.serializer.constructor.model.nestedWrites?.[field.fieldName];
        if (options === undefined) continue;
        const nested = field.nestedIn(this.serializer[SCOPE]);
        const inner = (nested instanceof ListSerializer ? nested.child : nested) as Serializer;
        targets.push({ field, options, writer: ModelWriter.of(inner) });
      }
      this.#nestedTargets = targets;
    }
    return this.#nestedTargets;
  }

  /** @throws Error for a value that a dotted source put into a relation (row SE13) */
  #refuseDotted(method: Method, name: string, value: unknown): void {
    if (typeof value !== 'object' || value === null || !this.#sources.dotted.has(name)) return;
    throw new Error(
      `The \`.${method}()\` method does not support writable dotted-source fields by default.\n` +
        `Write an explicit \`.${method}()\` method for serializer \`${this.serializer.constructor.name}\`, or set ` +
        '`readOnly: true` on dotted-source serializer fields.',
    );
  }
}

function isRowOnly({ related, nestedOne, nestedMany }: Parts): boolean {
  return related.length === 0 && nestedOne.length === 0 && nestedMany.length === 0;
}

/** What nested serializers validated in several objects, by field; `at` tells of which object. */
function byField(all: readonly (readonly NestedData[])[]): Iterable<readonly [PlacedNested, ...PlacedNested[]]> {
  const groups = new Map<NestedField, [PlacedNested, ...PlacedNested[]]>();
  for (const [at, list] of all.entries()) {
    for (const nested of list) {
      const group = groups.get(nested.field);
      if (group === undefined) groups.set(nested.field, [{ nested, at }]);
      else group.push({ nested, at });
    }
  }
  return groups.values();
}

interface PlacedNested {
  readonly nested: NestedData;
  readonly at: number;
}

/** Related entities as a query would list them, each once; null where only the database knows the order. */
function inDefaultOrder(relation: RelationMetadata, related: readonly object[]): object[] | null {
  const [first, ...others] = defaultOrder(relation.inverseEntityMetadata);
  if (first === undefined || others.length > 0 || first.direction !== 'ASC') return null;
  const byKey = new Map<number, object>();
  for (const entity of related) {
    const value: unknown = first.column.getEntityValue(entity);
    if (typeof value !== 'number' || !first.column.isPrimary) return null;
    byKey.set(value, entity);
  }
  return [...byKey].sort(([a], [b]) => a - b).map(([, entity]) => entity);
}
