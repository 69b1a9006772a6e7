import { readFileSync } from 'node:fs';
import * as exceptions from '@rf/exceptions';
import { defaultSettings } from '@rf/views';
import { describe, expect, it } from 'vitest';

const page = (name: string): string => readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8');

/** The first cells of all table rows whose first cell is code. */
function rows(name: string): string[][] {
  return page(name)
    .split('\n')
    .filter((line) => /^\| *`/.test(line))
    .map((line) =>
      line
        .slice(1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

const code = (cell: string | undefined): string => (cell ?? '').replace(/^`|`$/g, '');

describe('docs/settings.md', () => {
  const shown = (name: string, value: unknown): string => {
    if (name === 'unauthenticatedUser') return '() => AnonymousUser';
    if (typeof value === 'function') return value.name;
    if (Array.isArray(value)) return `[${value.map((item) => item.name).join(', ')}]`;
    return JSON.stringify(value);
  };

  it('has every setting with its default, and no other', () => {
    const told = Object.fromEntries(rows('settings').map(([name, value]) => [code(name), code(value)]));
    expect(told).toEqual(
      Object.fromEntries(Object.entries(defaultSettings).map(([name, value]) => [name, shown(name, value)])),
    );
  });
});

describe('docs/exceptions.md', () => {
  type ExceptionClass = typeof exceptions.APIException;
  const classes = Object.values(exceptions).filter(
    (value): value is ExceptionClass => typeof value === 'function' && 'defaultDetail' in value,
  );

  it('has a row for every exception, with status, text and code', () => {
    const told = rows('exceptions').map(([name, status, text, errorCode]) => [
      code(name),
      Number(status?.slice(0, 3)),
      text,
      code(errorCode),
    ]);
    const expected = classes.map((type) => [type.name, type.statusCode, type.defaultDetail, type.defaultCode]);
    const byName = (a: unknown[], b: unknown[]) => (String(a[0]) < String(b[0]) ? -1 : 1);
    // Those that depend on the view are told as "401 or 403", and the class says 401; PermissionDenied is 403 alone.
    expect(told.sort(byName)).toEqual(expected.sort(byName));
  });
});

describe('docs/status-codes.md', () => {
  it('has every constant', () => {
    const told = [...page('status-codes').matchAll(/^- `(HTTP_\w+)`$/gm)].map((found) => found[1]);
    expect(told).toEqual(Object.keys(exceptions.status));
  });
});
