import { Http404 } from '@rf/exceptions';
import type { EntityManager, EntityMetadata, EntitySubscriberInterface } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { planTypes, quoteName, quotePath } from './column-codec.ts';
import { isSameValue, parameterOf, storedColumns } from './column-value.ts';
import { keyText } from './completion.ts';
import { mentionedColumns } from './constraint-error.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import { Need } from './need.ts';
import { layOut, selectList } from './plan-layout.ts';
import { prepared } from './prepared.ts';
import { type InsertStatement, RowInsertion, type RowValues } from './row-insertion.ts';
import { setRelationValue } from './relation-value.ts';
import { statementName } from './statement-name.ts';

const writers = new WeakMap<EntityMetadata, RowWriter>();

/** What writes the rows of an entity; made once. */
export function rowWriter(metadata: EntityMetadata): RowWriter {
  let writer = writers.get(metadata);
  if (writer === undefined) writers.set(metadata, (writer = new RowWriter(metadata)));
  return writer;
}

/** What is to be written into the row of an entity. */
export interface RowChange {
  readonly entity: object;
  readonly values: RowValues;
  /** Columns whose values differ from the entity's. */
  readonly changed: readonly ChangedColumn[];
}

interface ChangedColumn {
  readonly column: ColumnMetadata;
  readonly value: unknown;
}

/** A statement has 16 bits for the number of its parameters. */
const MAX_PARAMETERS = 65_535;

/** Writes rows of one entity with prepared statements. */
export class RowWriter {
  readonly #returning: string;
  readonly #hydrate: Hydrate;
  readonly #insertion: RowInsertion;
  readonly #toOne: readonly RelationMetadata[];
  readonly #needsTypeOrm = new Map<Write, boolean>();
  #unique: ReadonlySet<string> | undefined;

  constructor(private readonly metadata: EntityMetadata) {
    const need = new Need(metadata, '');
    need.addAllColumns();
    const row = layOut(need, 't0');
    this.#returning = selectList(row);
    this.#insertion = new RowInsertion(metadata, this.#returning);
    this.#hydrate = hydrator(row, { guards: 'related' });
    this.#toOne = metadata.relations.filter((relation) => relation.isOwning && !relation.isManyToMany);
  }

  /** True where TypeORM has to write, because listeners, subscribers or trees want to take part. */
  needsTypeOrm(write: Write): boolean {
    let needs = this.#needsTypeOrm.get(write);
    if (needs === undefined) this.#needsTypeOrm.set(write, (needs = isWatched(this.metadata, write)));
    return needs;
  }

  /** How many rows one statement writes at most. */
  get rowsAtOnce(): number {
    return Math.floor(MAX_PARAMETERS / (this.metadata.columns.length + this.metadata.primaryColumns.length));
  }

  /** Makes a row; the entity with all its columns, and the related entities that were given. */
  async insert(manager: EntityManager, values: RowValues): Promise<object> {
    const statement = this.#insertion.one(values);
    const [entity] = await this.#insert(manager, [values], statement, statementName(statement.text));
    return entity as object;
  }

  /** Makes rows in as few statements as their parameters fit into. Not all need have the same properties. */
  async insertAll(manager: EntityManager, rows: readonly RowValues[]): Promise<object[]> {
    const entities: object[] = [];
    for (const some of inChunks(rows, this.rowsAtOnce)) {
      if (some.length === 1) entities.push(await this.insert(manager, some[0] as RowValues));
      // Statements for many rows differ with their number: the server need not keep them.
      else entities.push(...(await this.#insert(manager, some, this.#insertion.several(some), '')));
    }
    return entities;
  }

  /**
   * Rows come back in the order in which they were sent: PostgreSQL runs through a VALUES list from its first row to its
   * last, on one process and without sorting, and gives each row back as soon as it is stored. A trigger may leave rows
   * out; then nobody knows which came back.
   */
  async #insert(
    manager: EntityManager,
    rows: readonly RowValues[],
    { text, values }: InsertStatement,
    name: string,
  ): Promise<object[]> {
    const { rows: stored } = await prepared(manager, { name, text, values, types: planTypes });
    if (stored.length !== rows.length) {
      throw new Error(
        `${this.metadata.name}: ${rows.length} rows were inserted and ${stored.length} stored. A trigger or rule of the table ` +
          `${this.metadata.tableName} leaves rows out; let it raise an exception instead.`,
      );
    }
    return stored.map((row, at) => this.#withRelations(this.#hydrate(row) as object, rows[at] as RowValues));
  }

  /** What writing these values into the entity's row takes. */
  changeOf(entity: object, values: RowValues): RowChange {
    const changed: ChangedColumn[] = [];
    for (const [property, value] of Object.entries(values)) {
      for (const column of storedColumns(this.metadata, property)) {
        const current = currentValue(column, property, entity);
        if (!column.isUpdate || (current !== notKnown && isSameValue(column, current, value))) continue;
        changed.push({ column, value });
      }
    }
    return { entity, values, changed };
  }

  /** True for a change upon which it may depend which rows may stand beside it: the order of such changes matters. */
  isUniqueChange({ changed }: RowChange): boolean {
    this.#unique ??= uniqueColumns(this.metadata);
    return changed.some(({ column }) => this.#unique?.has(column.databaseName));
  }

  /**
   * Writes the values that differ from the entity's, and puts them into it. Nothing is written when all are the same.
   *
   * @throws Http404 when the row is gone
   */
  update(manager: EntityManager, entity: object, values: RowValues): Promise<void> {
    return this.updateAll(manager, [this.changeOf(entity, values)]);
  }

  /**
   * Does the same with several entities, each once: one statement for those whose changes are of the same columns.
   *
   * @throws Http404 when a row is gone
   */
  async updateAll(manager: EntityManager, changes: readonly RowChange[]): Promise<void> {
    await this.#writeAll(
      manager,
      changes.filter(({ changed }) => changed.length > 0),
    );
    for (const { entity, values } of changes) {
      for (const [property, value] of Object.entries(values)) {
        const relation = this.metadata.findRelationWithPropertyPath(property);
        if (relation !== undefined) setRelationValue(relation, entity, value);
      }
    }
  }

  /** What tells one state of the row from the next: its version and its moment of change; empty where it has neither. */
  stateOf(entity: object): readonly unknown[] {
    return this.#stateColumns.map((column) => column.getEntityValue(entity) as unknown);
  }

  /** Counts a change of what belongs to rows as one of the rows: their versions go up. Nothing happens where they have none. */
  async touch(manager: EntityManager, entities: readonly object[]): Promise<void> {
    if (this.#stateColumns.length === 0) return;
    await this.#writeAll(
      manager,
      entities.map((entity) => ({ entity, values: {}, changed: [] })),
    );
  }

  get #stateColumns(): readonly ColumnMetadata[] {
    const { versionColumn, updateDateColumn } = this.metadata;
    return [versionColumn, updateDateColumn].filter((column) => column !== undefined);
  }

  async #writeAll(manager: EntityManager, changes: readonly RowChange[]): Promise<void> {
    for (const group of byColumns(changes)) {
      for (const some of inChunks(group, this.rowsAtOnce)) {
        const [first, ...others] = some;
        if (first === undefined) continue;
        await (others.length === 0 ? this.#writeOne(manager, first) : this.#write(manager, some));
      }
    }
  }

  async #writeOne(manager: EntityManager, change: RowChange): Promise<void> {
    const values: unknown[] = [];
    const sets = change.changed.map(({ column, value }) => {
      return `${quoteName(column.databaseName)} = $${values.push(parameterOf(column, value))}`;
    });
    const keys = this.metadata.primaryColumns.map((column) => {
      return `${quoteName('t0')}.${quoteName(column.databaseName)} = $${values.push(column.getEntityValue(change.entity))}`;
    });
    const text = this.#updateText(change, sets, '', keys);
    const { rows } = await prepared(manager, { name: statementName(text), text, values, types: planTypes });
    if (rows[0] === undefined) throw this.#gone();
    this.#take(change, this.#hydrate(rows[0]) as object);
  }

  /** Writes changes of the same columns, and finds the rows that come back by their keys. */
  async #write(manager: EntityManager, changes: readonly RowChange[]): Promise<void> {
    const { primaryColumns, tablePath } = this.metadata;
    const [first] = changes as [RowChange];
    const columns = [...primaryColumns, ...first.changed.map(({ column }) => column)];
    // A row of nulls, which is the key of no row, gives the values the types of the columns. Casts to the types by their
    // names would cut texts off that are too long.
    const types = columns.map((column) => `(NULL::${quotePath(tablePath)}).${quoteName(column.databaseName)}`);
    const values: unknown[] = [];
    const tuples = changes.map(({ entity, changed }) => {
      const own = [
        ...primaryColumns.map((column) => column.getEntityValue(entity) as unknown),
        ...changed.map(({ column, value }) => parameterOf(column, value)),
      ];
      return own.map((value) => `$${values.push(value)}`).join(', ');
    });
    const name = (at: number): string => quoteName(`c${at}`);
    const given = `(VALUES ${[types.join(', '), ...tuples].map((row) => `(${row})`).join(', ')}) AS "v" (${columns.map((_column, at) => name(at)).join(', ')})`;
    const sets = first.changed.map(
      ({ column }, at) => `${quoteName(column.databaseName)} = "v".${name(primaryColumns.length + at)}`,
    );
    const keys = primaryColumns.map(
      (column, at) => `${quoteName('t0')}.${quoteName(column.databaseName)} = "v".${name(at)}`,
    );
    const text = this.#updateText(first, sets, ` FROM ${given}`, keys);
    const { rows } = await prepared(manager, { name: '', text, values, types: planTypes });
    const stored = new Map<string | null, object>();
    for (const row of rows) {
      const entity = this.#hydrate(row) as object;
      stored.set(keyText(this.metadata, entity), entity);
    }
    for (const change of changes) {
      const own = stored.get(keyText(this.metadata, change.entity));
      if (own === undefined) throw this.#gone();
      this.#take(change, own);
    }
  }

  #updateText({ changed }: RowChange, sets: readonly string[], from: string, keys: readonly string[]): string {
    const { updateDateColumn, versionColumn } = this.metadata;
    const all = [...sets];
    if (updateDateColumn !== undefined && !changed.some(({ column }) => column === updateDateColumn)) {
      all.push(`${quoteName(updateDateColumn.databaseName)} = now()`);
    }
    if (versionColumn !== undefined) {
      const name = quoteName(versionColumn.databaseName);
      all.push(`${name} = ${quoteName('t0')}.${name} + 1`);
    }
    return (
      `UPDATE ${quotePath(this.metadata.tablePath)} AS ${quoteName('t0')} SET ${all.join(', ')}${from} ` +
      `WHERE ${keys.join(' AND ')} RETURNING ${this.#returning}`
    );
  }

  #gone(): Http404 {
    return new Http404(`No ${this.metadata.name} matches the given query.`);
  }

  /** Puts what was written into the entity. */
  #take({ entity, changed }: RowChange, stored: object): void {
    const written = new Set([...changed.map(({ column }) => column), ...this.#stateColumns]);
    for (const column of this.metadata.columns) {
      if (written.has(column) && !column.isVirtual) column.setEntityValue(entity, column.getEntityValue(stored));
    }
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

/** Names of the columns of keys, unique constraints and indexes, and of exclusions. */
function uniqueColumns(metadata: EntityMetadata): ReadonlySet<string> {
  const { primaryColumns, uniques, exclusions } = metadata;
  const indexes = metadata.indices.filter(({ isUnique }) => isUnique);
  const columns = [primaryColumns, ...[...uniques, ...indexes].map((set) => set.columns)].flat();
  const conditions = [...indexes.map(({ where }) => where ?? ''), ...exclusions.map(({ expression }) => expression)];
  return new Set([
    ...columns.map(({ databaseName }) => databaseName),
    ...conditions.flatMap((condition) => mentionedColumns(condition, metadata)),
  ]);
}

/** Changes of the same columns together, in the order in which they first come. */
function byColumns(changes: readonly RowChange[]): Iterable<readonly RowChange[]> {
  const groups = new Map<string, RowChange[]>();
  for (const change of changes) {
    const key = change.changed.map(({ column }) => column.databaseName).join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups.values();
}

function* inChunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
