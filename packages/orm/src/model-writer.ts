import {
  boundFields,
  type CompilableClass,
  type Field,
  ListSerializer,
  NestedField,
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
import { createNestedOne, type NestedData, updateNestedOne, writeNestedMany } from './nested-writer.ts';
import { linkNew, setRelated } from './relation-writer.ts';
import { databaseOf } from './related-source.ts';
import { setRelationValue } from './relation-value.ts';
import { rowWriter, type RowWriter } from './row-writer.ts';
import { hasFiles, storingFiles } from './stored-files.ts';
import type { EntityClass } from './substitutable.ts';

/** Validated data, by what has to be done with it. */
interface Parts {
  /** The entity's own columns and to-one relations. */
  readonly row: Record<string, unknown>;
  /** To-many relations and what they are to lead to. */
  readonly related: readonly (readonly [relation: RelationMetadata, entities: readonly object[]])[];
  readonly nestedOne: readonly NestedData[];
  readonly nestedMany: readonly NestedData[];
}

type Method = 'create' | 'update';

/** A serializer that writes entities. */
export type EntitySerializer = Serializer & {
  readonly constructor: CompilableClass & { readonly entity: EntityClass; readonly model: ModelSerializerOptions };
};

/** A statement has 16 bits for the number of its parameters. */
const MAX_PARAMETERS = 65_535;

/** Writes the validated data of one model serializer. */
export class ModelWriter {
  /** The writer of a model serializer. */
  static of(serializer: Serializer): ModelWriter {
    return new ModelWriter(serializer as EntitySerializer);
  }

  readonly metadata: EntityMetadata;
  readonly #database: ReturnType<typeof databaseOf>;
  readonly #rows: RowWriter;
  readonly #fields: ReadonlyMap<string, Field>;

  private constructor(readonly serializer: EntitySerializer) {
    this.#database = databaseOf(serializer.context, serializer.constructor.name);
    this.metadata = this.#manager.dataSource.getMetadata(serializer.constructor.entity);
    this.#rows = rowWriter(this.metadata);
    this.#fields = boundFields(serializer.constructor);
  }

  get #manager(): EntityManager {
    return this.#database instanceof EntityManager ? this.#database : db(this.#database);
  }

  /** Makes a row and what belongs to it. */
  create(validated: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#withFiles(validated, (values) => this.#create(values));
  }

  async #create(validated: Readonly<Record<string, unknown>>): Promise<object> {
    const parts = this.#split('create', validated);
    if (!isRowOnly(parts) || this.#rows.needsTypeOrm('insert')) {
      return this.#guarded(() => atomic(this.#database, (manager) => this.#createAll(manager, parts)));
    }
    const entity = await this.#guarded(() => this.#rows.insert(this.#manager, parts.row));
    markFresh([entity], this.metadata.dataSource);
    return entity;
  }

  /** The same, inside a transaction. */
  createIn(manager: EntityManager, validated: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#withFiles(validated, (values) => {
      const parts = this.#split('create', values);
      return this.#guarded(() => this.#createAll(manager, parts));
    });
  }

  /**
   * Makes rows in one statement, and those that link them with others in one for each many-to-many relation; null where they
   * need more.
   */
  async createAll(items: readonly Readonly<Record<string, unknown>>[]): Promise<object[] | null> {
    const all = items.map((validated) => this.#split('create', validated));
    const shapeOf = ({ row }: Parts): string => Object.keys(row).join(' ');
    const isPossible =
      !items.some((validated) => hasFiles(this.metadata, validated)) &&
      !this.#rows.needsTypeOrm('insert') &&
      all.every((parts) => hasOnlyLinks(parts) && shapeOf(parts) === shapeOf(all[0] as Parts)) &&
      all.length * this.metadata.columns.length <= MAX_PARAMETERS;
    if (!isPossible) return null;
    const rows = all.map(({ row }) => row);
    if (!all.every(isRowOnly)) {
      return this.#guarded(() => atomic(this.#database, (manager) => this.#createLinked(manager, all)));
    }
    const entities = await this.#guarded(() => this.#rows.insertAll(this.#manager, rows));
    markFresh(entities, this.metadata.dataSource);
    return entities;
  }

  async #createLinked(manager: EntityManager, all: readonly Parts[]): Promise<object[]> {
    const entities = await this.#rows.insertAll(
      manager,
      all.map(({ row }) => row),
    );
    for (const relation of new Set(all.flatMap(({ related }) => related.map(([relation]) => relation)))) {
      const lists = all.map(({ related }) => related.find(([other]) => other === relation)?.[1] ?? []);
      await linkNew(manager, relation, entities, lists);
      for (const [at, entity] of entities.entries()) {
        const shown = inDefaultOrder(relation, lists[at] ?? []);
        if (shown !== null) setRelationValue(relation, entity, shown);
      }
    }
    return entities;
  }

  /** Writes what differs, and what belongs to the row. */
  update(entity: object, validated: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#withFiles(validated, (values) => this.#update(entity, values));
  }

  async #update(entity: object, validated: Readonly<Record<string, unknown>>): Promise<object> {
    const parts = this.#split('update', validated);
    await this.#guarded(() =>
      isRowOnly(parts) && !this.#rows.needsTypeOrm('update')
        ? this.#rows.update(this.#manager, entity, parts.row)
        : atomic(this.#database, (manager) => this.#updateAll(manager, entity, parts)),
    );
    this.#forgetLists(entity);
    return entity;
  }

  /** The same, inside a transaction. */
  updateIn(manager: EntityManager, entity: object, validated: Readonly<Record<string, unknown>>): Promise<object> {
    return this.#withFiles(validated, async (values) => {
      const parts = this.#split('update', values);
      await this.#guarded(() => this.#updateAll(manager, entity, parts));
      this.#forgetLists(entity);
      return entity;
    });
  }

  #withFiles<T>(
    validated: Readonly<Record<string, unknown>>,
    write: (values: Readonly<Record<string, unknown>>) => Promise<T>,
  ): Promise<T> {
    if (!hasFiles(this.metadata, validated)) return write(validated);
    return storingFiles(this.metadata, this.serializer.context, validated, write);
  }

  async #createAll(manager: EntityManager, parts: Parts): Promise<object> {
    const row = { ...parts.row };
    for (const nested of parts.nestedOne) row[nested.relation.propertyPath] = await createNestedOne(manager, nested);
    const entity = this.#rows.needsTypeOrm('insert')
      ? await this.#saveNew(manager, row)
      : await this.#rows.insert(manager, row);
    for (const [relation, related] of parts.related) {
      await setRelated(manager, relation, entity, related, true);
      const shown = inDefaultOrder(relation, related);
      if (shown !== null) setRelationValue(relation, entity, shown);
    }
    for (const nested of parts.nestedMany) await writeNestedMany(manager, nested, entity, true);
    return entity;
  }

  async #updateAll(manager: EntityManager, entity: object, parts: Parts): Promise<void> {
    const row = { ...parts.row };
    const before = this.#rows.stateOf(entity);
    let isChanged = parts.nestedOne.length > 0 || parts.nestedMany.length > 0;
    const leftOver: (() => Promise<void>)[] = [];
    for (const nested of parts.nestedOne) {
      const { value, finish } = await updateNestedOne(manager, nested, entity);
      row[nested.relation.propertyPath] = value;
      leftOver.push(finish);
    }
    if (this.#rows.needsTypeOrm('update')) await this.#saveChanged(manager, entity, row);
    else await this.#rows.update(manager, entity, row);
    for (const finish of leftOver) await finish();
    for (const [relation, related] of parts.related) {
      if (await setRelated(manager, relation, entity, related, false)) isChanged = true;
    }
    for (const nested of parts.nestedMany) await writeNestedMany(manager, nested, entity, false);
    if (!isChanged) return;
    const after = this.#rows.stateOf(entity);
    if (before.every((value, at) => value === after[at])) await this.#rows.touch(manager, entity);
  }

  /** TypeORM stores the row, so that listeners and subscribers see it; then the row is read as the database has it. */
  async #saveNew(manager: EntityManager, row: Readonly<Record<string, unknown>>): Promise<object> {
    const entity = this.metadata.create(manager.queryRunner) as Record<string, unknown>;
    this.#assign(entity, row);
    await manager.save(this.metadata.target, entity);
    const stored = await this.#reread(manager, entity);
    for (const column of this.metadata.columns) {
      if (!column.isVirtual && column.isSelect) column.setEntityValue(entity, column.getEntityValue(stored));
    }
    return entity;
  }

  async #saveChanged(manager: EntityManager, entity: object, row: Readonly<Record<string, unknown>>): Promise<void> {
    this.#forgetLists(entity);
    this.#assign(entity as Record<string, unknown>, row);
    await manager.save(this.metadata.target, entity);
  }

  #assign(entity: Record<string, unknown>, row: Readonly<Record<string, unknown>>): void {
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
        fields: this.#fields,
        validators: this.serializer.constructor.validators,
        scope: this.serializer[SCOPE],
      });
    }
  }

  // What is to be written where

  #split(method: Method, validated: Readonly<Record<string, unknown>>): Parts {
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
    const field = this.#fieldOf(relation.propertyPath);
    if (!(field instanceof NestedField) || field.readOnly) return null;
    const options = this.serializer.constructor.model.nestedWrites?.[field.fieldName];
    if (options !== undefined) {
      const nested = field.nestedIn(this.serializer[SCOPE]);
      const inner = (nested instanceof ListSerializer ? nested.child : nested) as Serializer;
      return { field, relation, value, options, writer: ModelWriter.of(inner) };
    }
    if (value === null) return null;
    throw new Error(
      `The \`.${method}()\` method does not support writable nested fields by default.\n` +
        `Write an explicit \`.${method}()\` method for serializer \`${this.serializer.constructor.name}\`, name the field in ` +
        `\`nestedWrites: { ${field.fieldName}: {} }\`, or set \`readOnly: true\` on nested serializer fields.`,
    );
  }

  /** @throws Error for a value that a dotted source put into a relation (row SE13) */
  #refuseDotted(method: Method, name: string, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    for (const field of this.#fields.values()) {
      if (field.readOnly || field.sourceAttrs.length < 2 || field.sourceAttrs[0] !== name) continue;
      throw new Error(
        `The \`.${method}()\` method does not support writable dotted-source fields by default.\n` +
          `Write an explicit \`.${method}()\` method for serializer \`${this.serializer.constructor.name}\`, or set ` +
          '`readOnly: true` on dotted-source serializer fields.',
      );
    }
  }

  #fieldOf(source: string): Field | undefined {
    for (const field of this.#fields.values()) if (field.source === source) return field;
    return undefined;
  }
}

/** True for rows that others are linked with, and that need nothing else. */
function hasOnlyLinks({ related, nestedOne, nestedMany }: Parts): boolean {
  return nestedOne.length === 0 && nestedMany.length === 0 && related.every(([relation]) => relation.isManyToMany);
}

function isRowOnly({ related, nestedOne, nestedMany }: Parts): boolean {
  return related.length === 0 && nestedOne.length === 0 && nestedMany.length === 0;
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
