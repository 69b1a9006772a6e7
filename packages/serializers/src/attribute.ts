import type { Field } from './field.ts';
import { typeName } from './python-text.ts';

/**
 * Follows `path` from `instance` through objects, maps and methods without arguments (row SE09).
 *
 * Undefined when a step is missing, or when it leads through null.
 */
export function readAttribute(instance: unknown, path: readonly string[]): unknown {
  let value = instance;
  for (const step of path) {
    value = readStep(value, step);
    if (value === undefined) return undefined;
  }
  return value;
}

/** One step: a key of a map, an own key of a plain object, or any property of another object. */
export function readStep(owner: unknown, step: string): unknown {
  if (owner === null || owner === undefined) return undefined;
  if (owner instanceof Map) return owner.get(step);
  const value = (owner as Record<string, unknown>)[step];
  if (typeof value !== 'function') return value;
  // What every object inherits is no attribute of this one.
  if (value === (Object.prototype as unknown as Record<string, unknown>)[step]) return undefined;
  return value.length === 0 && !isClass(value) ? (value as () => unknown).call(owner) : value;
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** The error for an object without a value for a required field. */
export function missingAttribute(field: Field, instance: unknown): Error {
  const isMapping = typeName(instance) === 'dict';
  return new TypeError(
    `Got ${isMapping ? 'KeyError' : 'AttributeError'} when attempting to get a value for field \`${field.fieldName}\` ` +
      `on serializer \`${field.owner}\`.\nThe serializer field might be named incorrectly and not match any attribute ` +
      `or key on the \`${typeName(instance)}\` instance.\nNothing was found at \`${field.source}\`.`,
  );
}
