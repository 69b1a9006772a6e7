import { getMetadataArgsStorage } from 'typeorm';
import type { EntityClass } from './substitutable.ts';

const keyProperties = new WeakMap<EntityClass, string>();

/** The property of an entity class that is its primary key; the first of several. */
export function keyProperty(entity: EntityClass): string {
  let property = keyProperties.get(entity);
  if (property === undefined) {
    const tree: EntityClass[] = [];
    for (
      let at: unknown = entity;
      typeof at === 'function' && at !== Function.prototype;
      at = Object.getPrototypeOf(at)
    ) {
      tree.push(at);
    }
    const columns = getMetadataArgsStorage().filterColumns(tree);
    property = columns.find(({ options }) => options.primary === true)?.propertyName ?? 'id';
    keyProperties.set(entity, property);
  }
  return property;
}

/** The primary key of an entity, or of a plain object with an `id` or `pk`. */
export function readKey(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return (value as Record<string, unknown>)[keyProperty(value.constructor as EntityClass)];
}

/** A property of an entity, where `pk` is its primary key and `a.b` or `a__b` leads through a related one. */
export function readProperty(value: unknown, path: string): unknown {
  if (path === 'pk') return readKey(value);
  let at: unknown = value;
  for (const step of path.split(/\.|__/)) {
    if (at === null || at === undefined) return at;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
