import type { EntityManager } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { quoteName, quotePath } from './column-codec.ts';
import { junctionColumns, referenced } from './join-path.ts';
import { prepared } from './prepared.ts';
import { statementName } from './statement-name.ts';

/**
 * Makes a to-many relation lead to exactly these entities; true where it did not already.
 *
 * @param isNew whether the row was just made, so that there is nothing to take away
 */
export async function setRelated(
  manager: EntityManager,
  relation: RelationMetadata,
  owner: object,
  related: readonly object[],
  isNew: boolean,
): Promise<boolean> {
  if (relation.isManyToMany) return new JoinTable(manager, relation, owner).set(related, isNew);
  return setChildren(manager, relation, owner, related, isNew);
}

/** Takes entities off the same to-many relation of several owners. */
export async function detachRelated(
  manager: EntityManager,
  relation: RelationMetadata,
  owners: readonly object[],
  lists: readonly (readonly object[])[],
): Promise<void> {
  if (relation.isManyToMany) await unlink(manager, relation, owners, lists);
  else if (lists.some((list) => list.length > 0)) await moveChildren(manager, relation, null, lists.flat());
}

/** Adds entities to a to-many relation, beside those that are there. */
export async function attachRelated(
  manager: EntityManager,
  relation: RelationMetadata,
  owner: object,
  related: readonly object[],
): Promise<void> {
  if (related.length === 0) return;
  if (relation.isManyToMany) await new JoinTable(manager, relation, owner).add(related);
  else await moveChildren(manager, relation, owner, related);
}

/**
 * Makes a many-to-many relation of rows that were just made lead to these entities, all in one statement.
 *
 * @param lists what the relation of each owner is to lead to
 */
export async function linkNew(
  manager: EntityManager,
  relation: RelationMetadata,
  owners: readonly object[],
  lists: readonly (readonly object[])[],
): Promise<void> {
  const { table, own, other } = joinTable(relation);
  const target = referenced(other);
  const pairs = pairsOf(manager, relation, owners, lists);
  if (pairs === null) return;
  // Joined, as a row that is gone meanwhile is nothing to lead to.
  const text =
    `INSERT INTO ${table} (${quoteName(own.databaseName)}, ${quoteName(other.databaseName)}) ` +
    `SELECT DISTINCT "p"."own", "p"."other" FROM ${pairs.from} ` +
    `JOIN ${quotePath(target.entityMetadata.tablePath)} "r" ON "r".${quoteName(target.databaseName)} = "p"."other"`;
  await prepared(manager, { name: statementName(text), text, values: pairs.values });
}

/** Takes entities off a many-to-many relation of several owners, all in one statement. */
async function unlink(
  manager: EntityManager,
  relation: RelationMetadata,
  owners: readonly object[],
  lists: readonly (readonly object[])[],
): Promise<void> {
  const { table, own, other } = joinTable(relation);
  const pairs = pairsOf(manager, relation, owners, lists);
  if (pairs === null) return;
  const text =
    `DELETE FROM ${table} AS "j" USING ${pairs.from} ` +
    `WHERE "j".${quoteName(own.databaseName)} = "p"."own" AND "j".${quoteName(other.databaseName)} = "p"."other"`;
  await prepared(manager, { name: statementName(text), text, values: pairs.values });
}

/** The keys of owners and of what each is concerned with, as rows `p` with `own` and `other`; null where there are none. */
function pairsOf(
  manager: EntityManager,
  relation: RelationMetadata,
  owners: readonly object[],
  lists: readonly (readonly object[])[],
): { readonly from: string; readonly values: readonly [own: unknown[], other: unknown[]] } | null {
  const { own, other } = joinTable(relation);
  const [ownKey, otherKey] = [referenced(own), referenced(other)];
  const ownKeys: unknown[] = [];
  const otherKeys: unknown[] = [];
  for (const [at, owner] of owners.entries()) {
    for (const entity of lists[at] ?? []) {
      ownKeys.push(ownKey.getEntityValue(owner));
      otherKeys.push(otherKey.getEntityValue(entity));
    }
  }
  if (ownKeys.length === 0) return null;
  const typeOf = (column: ColumnMetadata): string => manager.dataSource.driver.normalizeType(column);
  return {
    from: `unnest($1::${typeOf(ownKey)}[], $2::${typeOf(otherKey)}[]) AS "p" ("own", "other")`,
    values: [ownKeys, otherKeys],
  };
}

interface JoinTableColumns {
  readonly table: string;
  readonly own: ColumnMetadata;
  readonly other: ColumnMetadata;
}

function joinTable(relation: RelationMetadata): JoinTableColumns {
  const { own, other } = junctionColumns(relation);
  const [ownColumn, ...moreOwn] = own;
  const [otherColumn, ...moreOther] = other;
  if (ownColumn === undefined || otherColumn === undefined || moreOwn.length + moreOther.length > 0) {
    throw new Error(
      `${relation.entityMetadata.name}.${relation.propertyPath} joins keys of several columns: write it in a create() and update() of your own.`,
    );
  }
  const { tablePath } = relation.junctionEntityMetadata as { tablePath: string };
  return { table: quotePath(tablePath), own: ownColumn, other: otherColumn };
}

class JoinTable {
  readonly #table: string;
  readonly #own: ColumnMetadata;
  readonly #other: ColumnMetadata;
  readonly #key: unknown;

  constructor(
    private readonly manager: EntityManager,
    relation: RelationMetadata,
    owner: object,
  ) {
    const { table, own, other } = joinTable(relation);
    this.#table = table;
    this.#own = own;
    this.#other = other;
    this.#key = referenced(own).getEntityValue(owner);
  }

  async set(related: readonly object[], isNew: boolean): Promise<boolean> {
    const keys = this.#keysOf(related);
    let isChanged = false;
    if (!isNew) {
      isChanged = await this.#run(
        `DELETE FROM ${this.#table} WHERE ${quoteName(this.#own.databaseName)} = $1 ` +
          `AND NOT (${quoteName(this.#other.databaseName)} = ANY($2))`,
        keys,
      );
    }
    if (keys.length === 0) return isChanged;
    return (await this.add(related)) || isChanged;
  }

  /** Pairs that are there already stay as they are. */
  add(related: readonly object[]): Promise<boolean> {
    const [own, other] = [quoteName(this.#own.databaseName), quoteName(this.#other.databaseName)];
    const target = referenced(this.#other);
    // The keys are read from the table itself, which also gives them their type.
    const source = `${quotePath(target.entityMetadata.tablePath)} "r"`;
    const key = `"r".${quoteName(target.databaseName)}`;
    const ownTarget = referenced(this.#own);
    const ownSource = `${quotePath(ownTarget.entityMetadata.tablePath)} "o"`;
    const ownKey = `"o".${quoteName(ownTarget.databaseName)}`;
    return this.#run(
      `INSERT INTO ${this.#table} (${own}, ${other}) SELECT ${ownKey}, ${key} FROM ${ownSource}, ${source} ` +
        `WHERE ${ownKey} = $1 AND ${key} = ANY($2) AND NOT EXISTS ` +
        `(SELECT 1 FROM ${this.#table} "j" WHERE "j".${own} = ${ownKey} AND "j".${other} = ${key})`,
      this.#keysOf(related),
    );
  }

  #keysOf(related: readonly object[]): unknown[] {
    return related.map((entity) => referenced(this.#other).getEntityValue(entity) as unknown);
  }

  /** True where the statement changed something. */
  async #run(text: string, keys: readonly unknown[]): Promise<boolean> {
    const { rowCount } = await prepared(this.manager, { name: statementName(text), text, values: [this.#key, keys] });
    return rowCount > 0;
  }
}

/** Of a relation whose key is on the other side, those that are left out lose their owner where they may. */
async function setChildren(
  manager: EntityManager,
  relation: RelationMetadata,
  owner: object,
  related: readonly object[],
  isNew: boolean,
): Promise<boolean> {
  const inverse = relation.inverseRelation as RelationMetadata;
  let isChanged = false;
  if (!isNew && inverse.isNullable) {
    const [column, key] = childColumn(relation);
    const text =
      `UPDATE ${quotePath(inverse.entityMetadata.tablePath)} SET ${quoteName(column.databaseName)} = NULL ` +
      `WHERE ${quoteName(column.databaseName)} = $1 AND NOT (${quoteName(key.databaseName)} = ANY($2))`;
    const keys = related.map((entity) => key.getEntityValue(entity) as unknown);
    const { rowCount } = await prepared(manager, {
      name: statementName(text),
      text,
      values: [referenced(column).getEntityValue(owner), keys],
    });
    isChanged = rowCount > 0;
  }
  if (related.length === 0) return isChanged;
  return (await moveChildren(manager, relation, owner, related)) || isChanged;
}

async function moveChildren(
  manager: EntityManager,
  relation: RelationMetadata,
  owner: object | null,
  related: readonly object[],
): Promise<boolean> {
  const [column, key] = childColumn(relation);
  const text =
    `UPDATE ${quotePath(column.entityMetadata.tablePath)} SET ${quoteName(column.databaseName)} = $1 ` +
    `WHERE ${quoteName(key.databaseName)} = ANY($2) AND ${quoteName(column.databaseName)} IS DISTINCT FROM $1`;
  const keys = related.map((entity) => key.getEntityValue(entity) as unknown);
  const value: unknown = owner === null ? null : referenced(column).getEntityValue(owner);
  const { rowCount } = await prepared(manager, { name: statementName(text), text, values: [value, keys] });
  return rowCount > 0;
}

/** The column of the other side that points here, and the other side's key. */
function childColumn(relation: RelationMetadata): [column: ColumnMetadata, key: ColumnMetadata] {
  const inverse = relation.inverseRelation as RelationMetadata;
  const [column] = inverse.joinColumns;
  const [key] = inverse.entityMetadata.primaryColumns;
  return [column as ColumnMetadata, key as ColumnMetadata];
}
