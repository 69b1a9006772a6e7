/** Form data, recognised by shape: whatever has these two methods (rows SE26). */
export interface FormInput {
  getList(name: string): readonly unknown[];
  keys(): Iterable<string>;
}

/** True for form data. */
export function isForm(data: unknown): data is FormInput {
  return (
    typeof data === 'object' &&
    data !== null &&
    typeof (data as { getList?: unknown }).getList === 'function' &&
    typeof (data as { keys?: unknown }).keys === 'function'
  );
}

/** The part of a form that belongs to one list item or one nested object. */
class FormPart implements FormInput {
  readonly #values = new Map<string, readonly unknown[]>();

  put(name: string, values: readonly unknown[]): void {
    this.#values.set(name, values);
  }

  getList(name: string): readonly unknown[] {
    return this.#values.get(name) ?? [];
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }
}

/** The last value under a name, or undefined when the name is not there. */
export function lastValue(form: FormInput, name: string): unknown {
  const values = form.getList(name);
  return values.length === 0 ? undefined : values[values.length - 1];
}

/** True when the form has the name. */
export function hasName(form: FormInput, name: string): boolean {
  return form.getList(name).length > 0;
}

/** Names and last values, as the reference reads a form that stands for an object. */
export function formEntries(form: FormInput): [string, unknown][] {
  return Array.from(form.keys(), (name): [string, unknown] => [name, lastValue(form, name)]);
}

/**
 * Reads `prefix[0]=a&prefix[1]=b` as a list and `prefix[0]name=a` as a list of objects, in the order of the numbers.
 *
 * Undefined when the form has no such name.
 */
export function formList(form: FormInput, prefix: string): unknown[] | undefined {
  const items = new Map<string, unknown>();
  for (const name of form.keys()) {
    const [index, rest] = splitIndex(name, prefix) ?? [];
    if (index === undefined || rest === undefined) continue;
    if (rest === '') {
      items.set(index, lastValue(form, name));
      continue;
    }
    const item = items.get(index);
    const part = item instanceof FormPart ? item : new FormPart();
    // The reference keeps the last value of each name here, also for lists.
    part.put(rest, [lastValue(form, name)]);
    items.set(index, part);
  }
  if (items.size === 0) return undefined;
  return [...items].sort(([a], [b]) => compareIndexes(a, b)).map(([, item]) => item);
}

function splitIndex(name: string, prefix: string): [index: string, rest: string] | undefined {
  if (!name.startsWith(prefix) || name.charAt(prefix.length) !== '[') return undefined;
  const end = name.indexOf(']', prefix.length);
  const index = name.slice(prefix.length + 1, Math.max(end, prefix.length + 1));
  if (end === -1 || !/^[0-9]+$/.test(index)) return undefined;
  return [index.replace(/^0+(?=[0-9])/, ''), name.slice(end + 1)];
}

/** Numbers of any length, compared as numbers. */
function compareIndexes(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

/** Reads `prefix.key=value` as an object. Undefined when the form has no such name. */
export function formObject(form: FormInput, prefix: string): FormInput | undefined {
  let part: FormPart | undefined;
  const start = `${prefix}.`;
  for (const name of form.keys()) {
    if (!name.startsWith(start) || name.length === start.length) continue;
    part ??= new FormPart();
    part.put(name.slice(start.length), form.getList(name));
  }
  return part;
}
