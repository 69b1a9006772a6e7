import type { EntityManager, EntityMetadata, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { EntityStatement } from './entity-statement.ts';
import { Need, propertyName } from './need.ts';
import type { EntityClass } from './substitutable.ts';

/** Finds entities by the values of one property, several in one query. */
export abstract class EntityLookup {
  /** Among all rows of an entity. */
  static inTable(manager: EntityManager, entity: EntityClass, path: string): EntityLookup {
    return new TableLookup(manager, manager.dataSource.getMetadata(entity), path);
  }

  /** Among the rows of a query. */
  static inQuery(query: SelectQueryBuilder<ObjectLiteral>, path: string): EntityLookup {
    return new QueryLookup(query, path);
  }

  constructor(
    readonly metadata: EntityMetadata,
    path: string,
  ) {
    this.path = propertyName(metadata, path.replaceAll('__', '.'));
  }

  /** The property, dotted where it is one of a related entity. */
  readonly path: string;
  /** What was looked for before, by the text of the value; null for values that nothing has. */
  known: ReadonlyMap<string, object | null> | undefined;

  /** Entities that have one of the values, in the order of their keys. */
  abstract find(values: readonly unknown[]): Promise<object[]>;

  /** Entities by the text of their value. Of several with the same value the first counts. */
  async byText(values: readonly unknown[]): Promise<Map<string, object>> {
    const found = new Map<string, object>();
    const unknown = values.filter((value) => this.known?.has(String(value)) !== true);
    for (const value of values) {
      const entity = this.known?.get(String(value));
      if (entity !== undefined && entity !== null) found.set(String(value), entity);
    }
    const asked = new Set(unknown.map(String));
    let hasOtherText = false;
    for (const entity of unknown.length === 0 ? [] : await this.find(unknown)) {
      const key = String(this.valueOf(entity));
      if (!asked.has(key)) hasOtherText = true;
      if (!found.has(key)) found.set(key, entity);
    }
    if (hasOtherText) {
      await this.#findEqual(
        unknown.filter((value) => !found.has(String(value))),
        found,
      );
    }
    return found;
  }

  /**
   * A column may hold a value that is equal but not the same text: 1.50 for 1.5, and in any letter case with citext. Which of
   * `values` it answers is found by halves, so that many values that nothing has cost one question.
   */
  async #findEqual(values: readonly unknown[], found: Map<string, object>): Promise<void> {
    const [entity] = values.length === 0 ? [] : await this.find(values);
    if (entity === undefined) return;
    if (values.length === 1) {
      found.set(String(values[0]), entity);
      return;
    }
    const middle = values.length >> 1;
    await this.#findEqual(values.slice(0, middle), found);
    await this.#findEqual(values.slice(middle), found);
  }

  /** The value of an entity at the path. */
  valueOf(entity: object): unknown {
    let value: unknown = entity;
    for (const step of this.path.split('.')) value = (value as Record<string, unknown> | null)?.[step];
    return value;
  }
}

class TableLookup extends EntityLookup {
  constructor(
    private readonly manager: EntityManager,
    metadata: EntityMetadata,
    path: string,
  ) {
    super(metadata, path);
  }

  find(values: readonly unknown[]): Promise<object[]> {
    return lookupStatement(this.metadata, this.path).find(this.manager, values);
  }
}

const statements = new WeakMap<EntityMetadata, Map<string, EntityStatement>>();

function lookupStatement(metadata: EntityMetadata, path: string): EntityStatement {
  let byPath = statements.get(metadata);
  if (byPath === undefined) statements.set(metadata, (byPath = new Map()));
  let statement = byPath.get(path);
  if (statement === undefined) {
    const need = new Need(metadata, '');
    need.addAllColumns();
    byPath.set(path, (statement = new EntityStatement(need, path)));
  }
  return statement;
}

class QueryLookup extends EntityLookup {
  constructor(
    private readonly query: SelectQueryBuilder<ObjectLiteral>,
    path: string,
  ) {
    super(query.expressionMap.mainAlias?.metadata as EntityMetadata, path);
  }

  async find(values: readonly unknown[]): Promise<object[]> {
    const query = this.query.clone();
    const [step, ...rest] = this.path.split('.') as [string, ...string[]];
    let column = `${query.alias}.${step}`;
    for (const [at, next] of rest.entries()) {
      query.leftJoinAndSelect(column, `lookup${at}`);
      column = `lookup${at}.${next}`;
    }
    query.andWhere(`${column} IN (:...lookupValues)`, { lookupValues: values });
    for (const key of this.metadata.primaryColumns) query.addOrderBy(`${query.alias}.${key.propertyPath}`);
    return query.getMany();
  }
}
