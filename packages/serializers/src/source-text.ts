/** Longer texts of functions and objects help nobody. */
const MAX_TEXT = 80;

/** A value as one would write it in source: what `String(serializer)` shows of options. */
export function sourceText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
    case 'bigint':
      return `${value}n`;
    case 'function':
      return functionText(value);
    case 'object':
      return value === null ? 'null' : objectText(value);
    default:
      return String(value);
  }
}

function functionText(value: object & { readonly name: string }): string {
  const text = Function.prototype.toString.call(value);
  if (/^class\b/.test(text) || value.name !== '') return value.name;
  return text.length <= MAX_TEXT && !text.includes('\n') ? text : '<function>';
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(sourceText).join(', ')}]`;
  if (value instanceof RegExp) return String(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return recordText(value);
  if (
    Object.hasOwn(value.constructor.prototype as object, 'toString') ||
    value.toString !== Object.prototype.toString
  ) {
    return String(value);
  }
  return `<${value.constructor.name}>`;
}

function recordText(value: object): string {
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, item]) => `${keyText(key)}: ${sourceText(item)}`).join(', ')} }`;
}

/** A name as the key of an object, or of a class field. */
export function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : sourceText(key);
}

/** Arguments of a constructor. */
export function argumentsText(options: object): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '()' : `(${recordText(Object.fromEntries(given))})`;
}
