import type { EntityMetadata } from 'typeorm';

/** What an entity was, to make it so again when a write that changed it is undone. */
export class EntityMemento {
  readonly #properties: readonly (readonly [object: object, PropertyDescriptorMap])[];

  constructor(metadata: EntityMetadata, entity: object) {
    const places: object[] = [entity];
    for (const { propertyPath } of metadata.allEmbeddeds) {
      const embedded = propertyPath.split('.').reduce<unknown>(ownValue, entity);
      if (typeof embedded === 'object' && embedded !== null) places.push(embedded);
    }
    this.#properties = places.map((place) => [place, Object.getOwnPropertyDescriptors(place)]);
  }

  /** Gives the entity back the properties that it had. */
  restore(): void {
    for (const [place, properties] of this.#properties) {
      for (const name of Object.keys(place)) {
        if (!Object.hasOwn(properties, name)) delete (place as Record<string, unknown>)[name];
      }
      Object.defineProperties(place, properties);
    }
  }
}

/** Only own properties are read: others may be guarded. */
function ownValue(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name)) return undefined;
  return (object as Record<string, unknown>)[name];
}
