import { boundFields, type CompilableClass, NestedField } from '@rf/serializers';

/** Where a serializer's writable fields put what they read. */
export interface WriteSources {
  /** First names of dotted sources. */
  readonly dotted: ReadonlySet<string>;
  /** Nested serializers by their source. */
  readonly nested: ReadonlyMap<string, NestedField>;
}

const known = new WeakMap<CompilableClass, WriteSources>();

/** The same object for a class every time: each request that writes asks for it. */
export function writeSources(type: CompilableClass): WriteSources {
  let sources = known.get(type);
  if (sources === undefined) known.set(type, (sources = findSources(type)));
  return sources;
}

function findSources(type: CompilableClass): WriteSources {
  const dotted = new Set<string>();
  const nested = new Map<string, NestedField>();
  for (const field of boundFields(type).values()) {
    if (field.readOnly) continue;
    const [first, second] = field.sourceAttrs;
    if (first !== undefined && second !== undefined) dotted.add(first);
    if (field instanceof NestedField) nested.set(field.source, field);
  }
  return { dotted, nested };
}
