import type { PlannableClass } from '@rf/orm';
import type { BaseSerializer, SerializerOptions } from '@rf/serializers';

type SerializerType = new (options?: SerializerOptions) => BaseSerializer;

const made = new WeakMap<SerializerType, Map<string, SerializerType>>();

/** The same serializer class, whose read plan loads more: the same paths give the same class. */
export function serializerNeeding(type: SerializerType, paths: readonly string[]): PlannableClass {
  if (paths.length === 0) return type;
  const wanted = [...new Set(paths)].sort();
  const key = wanted.join(',');
  let known = made.get(type);
  if (known === undefined) made.set(type, (known = new Map()));
  let needing = known.get(key);
  if (needing === undefined) {
    const own = (type as { readonly needs?: readonly string[] }).needs ?? [];
    needing = class extends type {
      static needs = [...own, ...wanted];
    };
    Object.defineProperty(needing, 'name', { value: type.name });
    known.set(key, needing);
  }
  return needing;
}
