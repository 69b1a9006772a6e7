import { parseAuthorization, parseAuthParams } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const requestWith = (...values: string[]): Request =>
  ({
    headers: { authorization: values[0] },
    http: { rawHeaders: values.flatMap((value) => ['Authorization', value]) },
  }) as unknown as Request;

test.each([
  ['Basic abc', { scheme: 'basic', rest: 'abc' }],
  ['BASIC   abc', { scheme: 'basic', rest: 'abc' }],
  ['Token', { scheme: 'token', rest: '' }],
  ['  Token\ta b ', { scheme: 'token', rest: 'a b' }],
  ['', null],
  ['   ', null],
])('reads %j as %j', (header, expected) => {
  expect(parseAuthorization(requestWith(header))).toEqual(expected);
});

test('is null without the header', () => {
  expect(parseAuthorization({ headers: {}, http: { rawHeaders: [] } } as unknown as Request)).toBeNull();
});

test('refuses a header that came twice, and one that is too long', () => {
  expect(() => parseAuthorization(requestWith('Token a', 'Token b'))).toThrow(AuthenticationFailed);
  expect(() => parseAuthorization(requestWith(`Token ${'a'.repeat(9000)}`))).toThrow(AuthenticationFailed);
});

test.each([
  ['a=1', { a: '1' }],
  ['a=1, b="two, three"', { a: '1', b: 'two, three' }],
  ['A="quo\\"te\\\\"', { a: 'quo"te\\' }],
  ['a="",b=""', { a: '', b: '' }],
  ['mac=abc/def+gh==, id="x"', { mac: 'abc/def+gh==', id: 'x' }],
  ['', {}],
])('reads the parameters %j as %j', (text, expected) => {
  expect(Object.fromEntries(parseAuthParams(text))).toEqual(expected);
});

test.each(['a', 'a=', 'a=1,', ',a=1', 'a="open', 'a=1 b=2', 'a=1,a=2', 'a=1, A=2', '=1', 'a="\u0001"', 'a=1;b=2'])(
  'refuses the parameters %j',
  (text) => {
    expect(() => parseAuthParams(text)).toThrow(AuthenticationFailed);
  },
);

test('never throws anything but AuthenticationFailed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const parse of [() => parseAuthParams(text), () => parseAuthorization(requestWith(text))]) {
        try {
          parse();
        } catch (error) {
          if (!(error instanceof AuthenticationFailed)) return false;
        }
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

test('reads back any parameters that were quoted', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
  const value = fc.string({ unit: fc.constantFrom(...'abc "\\,=;/äß\t') });
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 6 }), (params) => {
      const text = Object.entries(params).map(([key, member]) => `${key}="${member.replace(/["\\]/g, '\\$&')}"`);
      expect(Object.fromEntries(parseAuthParams(text.join(', ')))).toEqual({ ...params });
    }),
  );
});
