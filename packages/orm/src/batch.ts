import type { Scope } from '@rf/serializers';

/**
 * What is known of the items of a list that is validated: answers that were asked for all of them at once, and the values
 * that came before in the list itself.
 */
export class ListBatch {
  /** By field: unique values that were looked for, with the key of the row that has them; null for none. */
  readonly taken = new Map<string, ReadonlyMap<string, string | null>>();
  /** By field: keys of related entities that were looked for, with what they lead to; null for nothing. */
  readonly related = new Map<string, ReadonlyMap<string, object | null>>();
  readonly #seen = new Map<string, Set<string>>();

  /** True when an earlier item has the same value; remembers the value. */
  repeats(field: string, text: string): boolean {
    let seen = this.#seen.get(field);
    if (seen === undefined) this.#seen.set(field, (seen = new Set()));
    if (seen.has(text)) return true;
    seen.add(text);
    return false;
  }
}

const batches = new WeakMap<Scope, ListBatch>();

/** Begins the batch of a list. */
export function startBatch(list: Scope): ListBatch {
  const batch = new ListBatch();
  batches.set(list, batch);
  return batch;
}

/** The batch of a list; undefined before it began. */
export function batchOf(list: Scope): ListBatch | undefined {
  return batches.get(list);
}

/** The batch to which the items of a scope belong; undefined outside of lists. */
export function batchAround(item: Scope): ListBatch | undefined {
  return item.parent === null ? undefined : batches.get(item.parent);
}
