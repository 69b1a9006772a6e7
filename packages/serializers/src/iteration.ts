/**
 * The items of anything the reference can walk through: lists and sets, and of objects the keys. Undefined for text and
 * for what has no items.
 */
export function itemsOf(data: unknown): readonly unknown[] | undefined {
  if (Array.isArray(data)) return data;
  if (typeof data !== 'object' || data === null) return undefined;
  if (data instanceof Map) return [...data.keys()];
  if (Symbol.iterator in data) return [...(data as Iterable<unknown>)];
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null ? Object.keys(data) : undefined;
}
