import { formatScope, isScopeName, parseScope } from '@rf/oauth2';
import { expect, test } from 'vitest';

test('a scope is words separated by one space, each counted once', () => {
  expect(parseScope('read write read')).toEqual(['read', 'write']);
  expect(parseScope('notes:read')).toEqual(['notes:read']);
});

test.each(['', ' read', 'read ', 'read  write', 'a"b', 'a\\b', 'a\tb', 'é', 'a\0'])('%j is no scope', (text) => {
  expect(parseScope(text)).toBeNull();
});

test('a name may hold any printable ASCII but space, quote and backslash', () => {
  for (let code = 0; code < 256; code += 1) {
    const letter = String.fromCharCode(code);
    const allowed = code > 0x20 && code < 0x7f && letter !== '"' && letter !== '\\';
    expect(isScopeName(letter)).toBe(allowed);
  }
});

test('a scope is written with spaces', () => {
  expect(formatScope(new Set(['read', 'write']))).toBe('read write');
});
