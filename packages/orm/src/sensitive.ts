import type { EntityClass } from './substitutable.ts';

const marked = new WeakMap<EntityClass, Set<string>>();

/** Sensitive wherever it stands, marked or not. */
const ALWAYS = 'password';

/**
 * Marks a property that is nobody's business: it appears in no automatic field, `depth` included, and in no search,
 * ordering or filter, unless it is named (row W31). Properties called `password` are marked already.
 *
 * ```ts
 * @sensitive
 * @Column({ type: 'varchar', length: 64 })
 * recoveryCode!: string;
 * ```
 */
export function sensitive(prototype: object, property: string): void {
  const entity = prototype.constructor;
  let own = marked.get(entity);
  if (own === undefined) marked.set(entity, (own = new Set()));
  own.add(property);
}

/** True for a property that was marked with {@link sensitive}, in the class or one it extends. */
export function isSensitive(entity: EntityClass, property: string): boolean {
  if (property === ALWAYS) return true;
  for (let at: unknown = entity; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    if (marked.get(at)?.has(property)) return true;
  }
  return false;
}
