import { EntityManager, type EntityMetadata, type EntityTarget } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { planTypes } from './column-codec.ts';
import { parameterOf } from './column-value.ts';
import { modelFor } from './data-source.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import { entityConditions, tableAs } from './join-path.ts';
import { canHold } from './key-value.ts';
import { Need } from './need.ts';
import { columnExpression, layOut, selectList } from './plan-layout.ts';
import { prepared } from './prepared.ts';
import { dataSource, type SiteOwner } from './site-database.ts';
import { statementName } from './statement-name.ts';
import type { EntityClass } from './substitutable.ts';

/** The statement of one combination of entity, properties and relations. */
interface Statement {
  readonly name: string;
  readonly text: string;
  /** The columns that are compared. */
  readonly columns: readonly ColumnMetadata[];
  readonly hydrate: Hydrate;
}

const statements = new WeakMap<EntityMetadata, Map<string, Statement>>();

/**
 * Finds one entity by properties that only one can have, related ones with it: one prepared statement, several times as cheap
 * as TypeORM's `findOne`. Authentication schemes find credential and user so.
 *
 * ```ts
 * const credential = await findEntity(request, ApiKey, { digest }, ['user']);
 * ```
 *
 * Entities are as `findOne` makes them, with their constructor, eager and lazy relations, transformers and `@AfterLoad`; only
 * subscribers are not told. A class that the project has replaced (see {@link substitutable}) stands for its substitute.
 *
 * @param where values by property; dotted for one of a related entity that is read as well: `'user.username'`
 * @param relations relations to one entity that are to be read as well; what may be missing is null
 * @throws Error for a property or relation that the entity does not have
 */
export async function findEntity<T extends object>(
  target: SiteOwner | EntityManager,
  Entity: abstract new () => T,
  where: Readonly<Record<string, unknown>>,
  relations: readonly (keyof T & string)[] = [],
): Promise<T | null> {
  const source = target instanceof EntityManager ? target.dataSource : dataSource(target);
  const metadata = source.getMetadata(modelFor(source, Entity as EntityClass) as EntityTarget<T>);
  const { name, text, columns, hydrate } = statementFor(metadata, Object.keys(where), relations);
  const given = Object.values(where);
  const values = columns.map((column, at) => parameterOf(column, given[at]));
  if (!columns.every((column, at) => canHold(column, values[at]))) return null;
  const { rows } = await prepared(target, { name, text, values, types: planTypes, readOnly: true });
  return rows[0] === undefined ? null : (hydrate(rows[0]) as T);
}

function statementFor(
  metadata: EntityMetadata,
  properties: readonly string[],
  relations: readonly string[],
): Statement {
  let known = statements.get(metadata);
  if (known === undefined) statements.set(metadata, (known = new Map()));
  const key = `${properties.join()} ${relations.join()}`;
  let statement = known.get(key);
  if (statement === undefined) known.set(key, (statement = makeStatement(metadata, properties, relations)));
  return statement;
}

function makeStatement(
  metadata: EntityMetadata,
  properties: readonly string[],
  relations: readonly string[],
): Statement {
  const need = new Need(metadata, '');
  addWhole(need);
  for (const name of relations) {
    const relation = metadata.findRelationWithPropertyPath(name);
    if (relation === undefined) throw unknownMember(metadata, 'relation', name);
    addWhole(need.edge(relation).need);
  }
  const sources = properties.map((path) => {
    const source = need.resolve(path.split('.'));
    if (source.kind !== 'column') throw unknownMember(metadata, 'column', path);
    need.addPath(path, '');
    return source;
  });
  const row = layOut(need, 't0');
  const conditions = [
    ...sources.map((source, at) => `${columnExpression(row, source)} = $${at + 1}`),
    ...entityConditions(metadata, 't0'),
  ];
  const text = `SELECT ${selectList(row)} FROM ${tableAs(metadata, 't0')}${row.joins} WHERE ${conditions.join(' AND ')}`;
  return {
    name: statementName(text),
    text,
    columns: sources.map(({ column }) => column),
    hydrate: hydrator(row, { guards: 'none', constructs: true }),
  };
}

/** All columns, and what the entity itself says is to be read with it. */
function addWhole(need: Need): void {
  need.addAllColumns();
  for (const relation of need.metadata.eagerRelations) addWhole(need.edge(relation).need);
}

function unknownMember(metadata: EntityMetadata, kind: 'column' | 'relation', name: string): Error {
  const members = kind === 'column' ? metadata.ownColumns : metadata.relations;
  const names = members.map(({ propertyPath }) => propertyPath).join(', ');
  return new Error(`findEntity(): ${metadata.name} has no ${kind} ${name}. It has: ${names}.`);
}
