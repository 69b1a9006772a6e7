import { randomUUID } from 'node:crypto';
import { Http404 } from '@rf/exceptions';
import { writeJSON } from '@rf/serializers';
import type { EntityManager, EntityMetadata, EntitySubscriberInterface } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { planTypes, quoteName, quotePath } from './column-codec.ts';
import { isSameValue, parameterOf } from './column-value.ts';
import { entityField } from './entity-field.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import { Need } from './need.ts';
import { layOut, selectList } from './plan-layout.ts';
import { prepared } from './prepared.ts';
import { setRelationValue } from './relation-value.ts';
import { statementName } from './statement-name.ts';
import type { EntityClass } from './substitutable.ts';

/** Values of an entity's own columns and to-one relations, by property. */
export type RowValues = Readonly<Record<string, unknown>>;

const writers = new WeakMap<EntityMetadata, RowWriter>();

/** What writes the rows of an entity; made once. */
export function rowWriter(metadata: EntityMetadata): RowWriter {
  let writer = writers.get(metadata);
  if (writer === undefined) writers.set(metadata, (writer = new RowWriter(metadata)));
  return writer;
}

/** One column of an INSERT. */
type Placed =
  | { readonly column: ColumnMetadata; readonly sql: string }
  | { readonly column: ColumnMetadata; readonly value: () => unknown };

/** How rows with some properties are made. */
interface Insertion {
  readonly text: string;
  readonly columns: readonly { readonly column: ColumnMetadata; readonly property: string }[];
  /** Values of columns that were not given. */
  readonly added: readonly (() => unknown)[];
}

/** Writes rows of one entity with prepared statements. */
export class RowWriter {
  readonly #returning: string;
  readonly #hydrate: Hydrate;
  readonly #insertions = new Map<string, Insertion>();
  readonly #toOne: readonly RelationMetadata[];
  readonly #needsTypeOrm = new Map<Write, boolean>();

  constructor(private readonly metadata: EntityMetadata) {
    const need = new Need(metadata, '');
    need.addAllColumns();
    const row = layOut(need, 't0');
    this.#returning = selectList(row);
    this.#hydrate = hydrator(row, { guards: 'related' });
    this.#toOne = metadata.relations.filter((relation) => relation.isOwning && !relation.isManyToMany);
  }

  /** True where TypeORM has to write, because listeners, subscribers or trees want to take part. */
  needsTypeOrm(write: Write): boolean {
    let needs = this.#needsTypeOrm.get(write);
    if (needs === undefined) this.#needsTypeOrm.set(write, (needs = isWatched(this.metadata, write)));
    return needs;
  }

  /** Makes a row; the entity with all its columns, and the related entities that were given. */
  async insert(manager: EntityManager, values: RowValues): Promise<object> {
    const [entity] = await this.insertAll(manager, [values]);
    return entity as object;
  }

  /** Makes rows in one statement. All have the same properties. */
  insertAll(manager: EntityManager, rows: readonly RowValues[]): Promise<object[]> {
    const [first] = rows;
    if (first === undefined) return Promise.resolve([]);
    const { columns, added, text } = this.#insertion(Object.keys(first), rows.length);
    const parameters: unknown[] = [];
    for (const values of rows) {
      for (const { column, property } of columns) parameters.push(parameterOf(column, values[property]));
      for (const value of added) parameters.push(value());
    }
    return prepared(manager, {
      // Statements for many rows differ with their number: the server need not keep them.
      name: rows.length === 1 ? statementName(text) : '',
      text,
      values: parameters,
      types: planTypes,
    }).then(({ rows: stored }) =>
      stored.map((row, at) => this.#withRelations(this.#hydrate(row) as object, rows[at] as RowValues)),
    );
  }

  /**
   * Writes the values that differ from the entity's, and puts them into it. Nothing is written when all are the same.
   *
   * @throws Http404 when the row is gone
   */
  async update(manager: EntityManager, entity: object, values: RowValues): Promise<void> {
    const changed: { column: ColumnMetadata; value: unknown }[] = [];
    for (const [property, value] of Object.entries(values)) {
      for (const { column } of this.#columnsOf(property)) {
        const current = currentValue(column, property, entity);
        if (!column.isUpdate || (current !== notKnown && isSameValue(column, current, value))) continue;
        changed.push({ column, value });
      }
    }
    if (changed.length > 0) await this.#write(manager, entity, changed);
    for (const [property, value] of Object.entries(values)) {
      const relation = this.metadata.findRelationWithPropertyPath(property);
      if (relation !== undefined) setRelationValue(relation, entity, value);
    }
  }

  /** What tells one state of the row from the next: its version and its moment of change; empty where it has neither. */
  stateOf(entity: object): readonly unknown[] {
    return this.#stateColumns.map((column) => column.getEntityValue(entity) as unknown);
  }

  /** Counts a change of what belongs to the row as one of the row: its version goes up. Nothing happens where it has none. */
  async touch(manager: EntityManager, entity: object): Promise<void> {
    if (this.#stateColumns.length > 0) await this.#write(manager, entity, []);
  }

  get #stateColumns(): readonly ColumnMetadata[] {
    const { versionColumn, updateDateColumn } = this.metadata;
    return [versionColumn, updateDateColumn].filter((column) => column !== undefined);
  }

  async #write(
    manager: EntityManager,
    entity: object,
    changed: readonly { readonly column: ColumnMetadata; readonly value: unknown }[],
  ): Promise<void> {
    const parameters: unknown[] = [];
    const sets = changed.map(({ column, value }) => {
      parameters.push(parameterOf(column, value));
      return `${quoteName(column.databaseName)} = $${parameters.length}`;
    });
    const { updateDateColumn, versionColumn, primaryColumns } = this.metadata;
    if (updateDateColumn !== undefined && !changed.some(({ column }) => column === updateDateColumn)) {
      sets.push(`${quoteName(updateDateColumn.databaseName)} = now()`);
    }
    if (versionColumn !== undefined) {
      const name = quoteName(versionColumn.databaseName);
      sets.push(`${name} = ${quoteName('t0')}.${name} + 1`);
    }
    const keys = primaryColumns.map((column) => {
      parameters.push(column.getEntityValue(entity));
      return `${quoteName('t0')}.${quoteName(column.databaseName)} = $${parameters.length}`;
    });
    const text =
      `UPDATE ${quotePath(this.metadata.tablePath)} AS ${quoteName('t0')} SET ${sets.join(', ')} ` +
      `WHERE ${keys.join(' AND ')} RETURNING ${this.#returning}`;
    const { rows } = await prepared(manager, { name: statementName(text), text, values: parameters, types: planTypes });
    const [row] = rows;
    if (row === undefined) throw new Http404(`No ${this.metadata.name} matches the given query.`);
    const stored = this.#hydrate(row) as Record<string, unknown>;
    const written = new Set(changed.map(({ column }) => column));
    for (const column of this.metadata.columns) {
      const isOurs = written.has(column) || column === updateDateColumn || column === versionColumn;
      if (isOurs && !column.isVirtual) column.setEntityValue(entity, column.getEntityValue(stored));
    }
  }

  /** The columns that a property is stored in. */
  #columnsOf(property: string): { column: ColumnMetadata; property: string }[] {
    const relation = this.metadata.findRelationWithPropertyPath(property);
    if (relation !== undefined) return relation.joinColumns.map((column) => ({ column, property }));
    const column = this.metadata.findColumnWithPropertyPath(property);
    return column === undefined ? [] : [{ column, property }];
  }

  /** How rows with these properties are made. */
  #insertion(properties: readonly string[], count: number): Insertion {
    const key = properties.join(' ');
    const known = count === 1 ? this.#insertions.get(key) : undefined;
    if (known !== undefined) return known;
    const given = new Set<string>();
    const columns = properties
      .flatMap((property) => this.#columnsOf(property))
      .filter(({ column }) => {
        // A key that is declared twice, as a property and in a relation, is written once.
        const isNew = !given.has(column.databaseName);
        given.add(column.databaseName);
        return isNew;
      });
    const defaults = this.metadata.columns
      .filter(({ databaseName }) => !given.has(databaseName))
      .map(defaultOf)
      .filter((placed) => placed !== null);
    const added = defaults.flatMap((placed) => ('value' in placed ? [placed.value] : []));
    const names = [...given, ...defaults.map(({ column }) => column.databaseName)].map(quoteName);
    let parameter = 0;
    const place = (): string => `$${(parameter += 1)}`;
    const tuples = Array.from({ length: count }, () => {
      const places = [...given].map(place);
      // Parameters come in the order of `added`, which is that of the defaults.
      for (const placed of defaults) places.push('sql' in placed ? placed.sql : place());
      return `(${places.join(', ')})`;
    });
    const target = `${quotePath(this.metadata.tablePath)} AS ${quoteName('t0')}`;
    const what = names.length === 0 ? 'DEFAULT VALUES' : `(${names.join(', ')}) VALUES ${tuples.join(', ')}`;
    const made = { columns, added, text: `INSERT INTO ${target} ${what} RETURNING ${this.#returning}` };
    if (count === 1) this.#insertions.set(key, made);
    return made;
  }

  #withRelations(entity: object, values: RowValues): object {
    for (const relation of this.#toOne) setRelationValue(relation, entity, values[relation.propertyPath] ?? null);
    return entity;
  }
}

/** A subscriber of all entities that can tell which of them it is concerned with: rows of the others are written faster. */
export interface SelectiveSubscriber extends EntitySubscriberInterface {
  /** False when inserts and updates of the entity need not be told. */
  takesPartIn?(metadata: EntityMetadata): boolean;
}

type Write = 'insert' | 'update';

const EVENTS = {
  insert: ['beforeInsert', 'afterInsert'],
  update: ['beforeUpdate', 'afterUpdate'],
} as const;

function isWatched(metadata: EntityMetadata, write: Write): boolean {
  const { dataSource, treeType, tableType } = metadata;
  if (treeType !== undefined || tableType === 'entity-child') return true;
  if (EVENTS[write].some((event) => metadata[`${event}Listeners`].length > 0)) return true;
  return dataSource.subscribers.some(
    (subscriber) =>
      EVENTS[write].some((event) => subscriber[event] !== undefined) &&
      ((subscriber as SelectiveSubscriber).takesPartIn?.(metadata) ?? listensTo(subscriber.listenTo?.(), metadata)),
  );
}

function listensTo(target: unknown, metadata: EntityMetadata): boolean {
  if (target === undefined || target === metadata.target) return true;
  return (
    typeof target === 'function' && typeof metadata.target === 'function' && metadata.target.prototype instanceof target
  );
}

/**
 * How a column gets its value when none was given; null to leave it to the database. A table that another program made
 * may have no defaults, so those of the entity are sent along.
 */
function defaultOf(column: ColumnMetadata): Placed | null {
  const own = entityField(column.target as EntityClass, column.propertyName).default;
  if (own !== undefined) {
    return { column, value: () => parameterOf(column, typeof own === 'function' ? (own as () => unknown)() : own) };
  }
  if (column.isVersion) return { column, value: () => 1 };
  if (column.generationStrategy === 'uuid') return { column, value: () => randomUUID() };
  if (column.isGenerated || !column.isInsert || column.isVirtualProperty || column.asExpression !== undefined)
    return null;
  const { default: given } = column;
  if (given === undefined || given === null) return null;
  if (typeof given === 'function') return { column, sql: given() };
  const literal = typeof given === 'object' && !column.isArray ? writeJSON(given) : given;
  return { column, value: () => literal };
}

/** What an entity has now; undefined where that is not known. */
function currentValue(column: ColumnMetadata, property: string, entity: object): unknown {
  const relation: RelationMetadata | undefined = column.relationMetadata;
  if (relation === undefined || relation.propertyPath !== property) {
    return knownOr(column.getEntityValue(entity));
  }
  return knownOr(relation.getEntityValue(entity));
}

/** Of a value that was not loaded: whatever is written may be another. */
const notKnown: unique symbol = Symbol('not known');

function knownOr(value: unknown): unknown {
  return value === undefined ? notKnown : value;
}
