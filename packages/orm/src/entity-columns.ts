import type { Site } from '@rf/views';
import { dataSource } from './site-database.ts';

/** How rows of an entity are read by hand: TypeORM takes several times as long as the query. */
export interface EntityColumns<T> {
  /** The table, quoted. */
  readonly table: string;
  /** `c."id" AS "c0", c."name" AS "c1", …` */
  readonly select: string;
  /** An entity of the row's columns, without its relations. */
  hydrate(row: Readonly<Record<string, unknown>>): T;
}

/** The columns of an entity; `alias` is what its table is called in the query. */
export function entityColumns<T extends object>(site: Site, Entity: new () => T, alias: string): EntityColumns<T> {
  const metadata = dataSource(site).getMetadata(Entity);
  const columns = metadata.columns.filter((column) => !column.isVirtual && column.relationMetadata === undefined);
  const names = columns.map((column) => column.propertyName);
  return {
    table: `"${metadata.tableName}"`,
    select: columns.map((column, at) => `${alias}."${column.databaseName}" AS "${alias}${at}"`).join(', '),
    hydrate(row) {
      const entity = new Entity() as T & Record<string, unknown>;
      for (let at = 0; at < names.length; at += 1) {
        (entity as Record<string, unknown>)[names[at] as string] = row[`${alias}${at}`];
      }
      return entity;
    },
  };
}
