import type { Json } from './scenario.ts';

/** Values remembered from earlier answers. */
export type Variables = Record<string, Json>;

const VARIABLE = /<<var:(\w+)>>/g;

/** Puts remembered values in place of `<<var:NAME>>`, at any depth. A text that is nothing else takes the value's type. */
export function fillIn<T>(value: T, variables: Variables): T {
  return replace(value as Json, variables) as T;
}

function replace(value: Json, variables: Variables): Json {
  if (typeof value === 'string') {
    const only = /^<<var:(\w+)>>$/.exec(value);
    if (only !== null) return remembered(variables, only[1] as string);
    return value.replace(VARIABLE, (_, name: string) => String(remembered(variables, name)));
  }
  if (Array.isArray(value)) return value.map((item) => replace(item, variables));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replace(member, variables)]));
}

function remembered(variables: Variables, name: string): Json {
  if (!Object.hasOwn(variables, name)) throw new Error(`no earlier step remembered "${name}"`);
  return variables[name] as Json;
}

/** What a placeholder inside a text stands for, as a regular expression. */
const PATTERNS: Readonly<Record<string, string>> = {
  'any-text': '[^]*',
  'any-string': '[^]*',
  'any-int': '-?\\d+',
  'any-uuid': '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  'any-token': '[0-9a-f]{40}',
  'any-date': '\\d{4}-\\d\\d-\\d\\d',
  'any-datetime': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{6})?Z',
  'any-cursor': '[\\w%.~+/=-]+',
};

/** True when `text` is what `pattern`, which may hold placeholders, describes. */
export function matchesText(pattern: string, text: string): boolean {
  const ranges: [number, number][] = [];
  const source = pattern.split(/(<<[a-z-]+(?::[^<>]*)?>>)/).map((part) => {
    const range = /^<<int:(\d+)-(\d+)>>$/.exec(part);
    if (range !== null) {
      ranges.push([Number(range[1]), Number(range[2])]);
      return '(\\d+)';
    }
    const name = /^<<([a-z-]+)>>$/.exec(part)?.[1];
    if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    const known = PATTERNS[name];
    if (known === undefined) throw new Error(`unknown placeholder ${part}`);
    return known;
  });
  const found = new RegExp(`^${source.join('')}$`, 'u').exec(text);
  return found?.slice(1).every((number, at) => inRange(Number(number), ranges[at])) ?? false;
}

/** True when a JSON value is what a text with placeholders describes. */
export function matchesValue(pattern: string, value: Json | undefined): boolean {
  if (pattern === '<<any>>') return value !== undefined;
  if (pattern === '<<any-number>>') return typeof value === 'number';
  if (pattern === '<<any-int>>') return Number.isInteger(value);
  const range = /^<<int:(\d+)-(\d+)>>$/.exec(pattern);
  if (range !== null && typeof value === 'number') return inRange(value, [Number(range[1]), Number(range[2])]);
  return typeof value === 'string' && matchesText(pattern, value);
}

function inRange(value: number, range: [number, number] | undefined): boolean {
  return range !== undefined && Number.isInteger(value) && value >= range[0] && value <= range[1];
}
