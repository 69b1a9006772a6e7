/** Sets `key` as an ordinary own property, whatever the key: `__proto__` in the input must stay data. */
export function defineOwn(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

/** True where reading `key` from a plain object could find something inherited. */
export function isInheritedName(key: string): boolean {
  return key in Object.prototype;
}
