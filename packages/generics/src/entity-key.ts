import type { DataSource } from 'typeorm';

/** The primary key of an entity by property. */
export function keyOf(dataSource: DataSource, entity: object): Record<string, unknown> {
  return dataSource.getMetadata(entity.constructor).getEntityIdMap(entity) as Record<string, unknown>;
}
