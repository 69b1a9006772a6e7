import { matchesText, matchesValue } from './placeholders.ts';
import type { Answer, Json, StepExpectation } from './scenario.ts';

/** Every way in which an answer is not the expected one. */
export function differences(expected: StepExpectation, answer: Answer): string[] {
  return [
    ...statusDifference(expected, answer),
    ...headerDifferences(expected, answer),
    ...bodyDifferences(expected, answer),
  ];
}

function* statusDifference(expected: StepExpectation, { status, body }: Answer): Generator<string> {
  if (status !== expected.status) yield `status: expected ${expected.status}, got ${status} ${show(body.toString())}`;
}

function* headerDifferences(expected: StepExpectation, answer: Answer): Generator<string> {
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const got = name.toLowerCase() === 'set-cookie' ? cookieNames(answer) : headerValue(answer, name);
    if (!headerMatches(name.toLowerCase(), value, got))
      yield `header ${name}: expected ${show(value)}, got ${show(got)}`;
  }
  for (const name of expected.absentHeaders ?? []) {
    const got = headerValue(answer, name);
    if (got !== undefined) yield `header ${name}: expected none, got ${show(got)}`;
  }
}

function* bodyDifferences(expected: StepExpectation, { body }: Answer): Generator<string> {
  const text = body.toString('utf8');
  if (expected.empty && body.length > 0) yield `body: expected none, got ${show(text)}`;
  if (expected.text !== undefined && !matchesText(expected.text, text)) {
    yield `body: expected ${show(expected.text)}, got ${show(text)}`;
  }
  if (expected.base64 !== undefined && body.toString('base64') !== expected.base64) {
    yield `body: expected base64 ${expected.base64}, got ${body.toString('base64')}`;
  }
  if (expected.json === undefined) return;
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    yield `body: expected JSON, got ${show(text)}`;
    return;
  }
  yield* jsonDifferences(expected.json, json, '');
}

function* jsonDifferences(expected: Json, got: Json | undefined, at: string): Generator<string> {
  const place = at || '/';
  if (typeof expected === 'string' && expected.includes('<<')) {
    if (!matchesValue(expected, got)) yield `${place}: expected ${expected}, got ${show(got)}`;
  } else if (Array.isArray(expected)) {
    if (!Array.isArray(got) || got.length !== expected.length)
      yield `${place}: expected ${show(expected)}, got ${show(got)}`;
    else for (const [index, item] of expected.entries()) yield* jsonDifferences(item, got[index], `${at}/${index}`);
  } else if (expected !== null && typeof expected === 'object') {
    if (got === null || typeof got !== 'object' || Array.isArray(got)) {
      yield `${place}: expected ${show(expected)}, got ${show(got)}`;
      return;
    }
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const wanted = Object.hasOwn(expected, key) ? expected[key] : undefined;
      const found = Object.hasOwn(got, key) ? got[key] : undefined;
      if (wanted === undefined) yield `${at}/${key}: expected none, got ${show(found)}`;
      else yield* jsonDifferences(wanted, found, `${at}/${key}`);
    }
  } else if (expected !== got) yield `${place}: expected ${show(expected)}, got ${show(got)}`;
}

/** The value of a header as one text. */
export function headerValue({ headers }: Answer, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** The `Set-Cookie` lines. */
export function setCookies({ headers }: Answer): string[] {
  return ([] as string[]).concat(headers['set-cookie'] ?? []);
}

const cookieNames = (answer: Answer): string[] => [
  ...new Set(setCookies(answer).map((cookie) => cookie.slice(0, cookie.indexOf('=')).trim())),
];

function headerMatches(
  name: string,
  expected: string | readonly string[],
  got: string | string[] | undefined,
): boolean {
  if (got === undefined) return false;
  if (typeof expected !== 'string') return Array.isArray(got) && sorted(expected) === sorted(got);
  if (Array.isArray(got)) return false;
  const names = /^<<tokens:(.*)>>$/.exec(expected)?.[1];
  if (names !== undefined || name === 'vary') return sorted(list(names ?? expected)) === sorted(list(got));
  if (name === 'allow') return expected.replaceAll(' ', '') === got.replaceAll(' ', '');
  if (name === 'content-type') return normalType(expected) === normalType(got);
  return expected.includes('<<') ? matchesText(expected, got) : expected === got;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
const sorted = (names: readonly string[]): string => [...names].sort().join();

function normalType(text: string): string {
  const [type = '', ...params] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim().replace(/\s*=\s*/, '='));
  return [type, ...params.sort()].join(';');
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
