import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';

/** Makes a relation of an entity lead to `value`. TypeORM's own way would merge it into the object that is there. */
export function setRelationValue(relation: RelationMetadata, entity: object, value: unknown): void {
  if (relation.embeddedMetadata === undefined) (entity as Record<string, unknown>)[relation.propertyName] = value;
  else relation.setEntityValue(entity, value);
}
