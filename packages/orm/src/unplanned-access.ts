import type { EntityMetadata } from 'typeorm';
import type { Need } from './need.ts';

/** Code read a property of an object that its read plan did not load. */
export class UnplannedAccess extends Error {
  override name = 'UnplannedAccess';
}

/** What stands in for a list of related objects of which a plan loaded only the number. */
class CountedRelation {
  constructor(readonly length: number) {}
}

/** A list that knows its length and refuses everything else. */
export function countedRelation(length: number, refuse: (() => never) | null): object {
  const counted = new CountedRelation(length);
  if (refuse === null) return counted;
  return new Proxy(counted, {
    get: (target, name) => (name === 'length' || typeof name === 'symbol' ? Reflect.get(target, name) : refuse()),
  });
}

/** In production a property that was not loaded is undefined, as with TypeORM; elsewhere reading it throws. */
export function guardsObjects(): boolean {
  return process.env.NODE_ENV !== 'production';
}

/**
 * A prototype for objects of a need: what the plan did not load throws when it is read. Writing makes it an ordinary
 * property.
 */
export function guardedPrototype(need: Need, loaded: ReadonlySet<string>): object {
  const { metadata } = need;
  const prototype = Object.create((metadata.target as { prototype: object }).prototype) as object;
  for (const property of propertiesOf(metadata)) {
    if (loaded.has(property)) continue;
    Object.defineProperty(prototype, property, {
      configurable: true,
      get: () => refuseAccess(need, property),
      set(value: unknown) {
        Object.defineProperty(this, property, { value, writable: true, enumerable: true, configurable: true });
      },
    });
  }
  return prototype;
}

/** @throws UnplannedAccess always: who read what, and the line to write */
export function refuseAccess(need: Need, property: string): never {
  const readers = [...need.readers];
  const path = need.path === '' ? property : `${need.path}.${property}`;
  const who = readers.length === 0 ? 'A field' : readers.join(' or ');
  throw new UnplannedAccess(
    `${who} reads \`${property}\` of a ${need.metadata.name}, which the read plan did not load. ` +
      `Add it to what the field needs: \`needs: ['${path}']\` (see docs/read-plans.md).`,
  );
}

function propertiesOf(metadata: EntityMetadata): Set<string> {
  const names = new Set<string>();
  for (const column of metadata.columns) {
    if (!column.isVirtual && column.embeddedMetadata === undefined) names.add(column.propertyName);
  }
  for (const relation of metadata.relations)
    if (relation.embeddedMetadata === undefined) names.add(relation.propertyName);
  return names;
}
