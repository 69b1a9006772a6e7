import {
  componentItem,
  componentValue,
  type RequestMessage,
  readComponent,
  readCavage,
  SignatureError,
} from '@rf/http-signature';
import { describe, expect, test } from 'vitest';

const request: RequestMessage = {
  method: 'GET',
  scheme: 'https',
  authority: 'A.Example:443',
  target: '/p?a=1',
  fields: ['Cache-Control', '  max-age=60 ', 'X-Fold', 'one\r\n\t  two', 'cache-control', 'private', 'X-Empty', ''],
};

const valueOf = (identifier: string, changed: Partial<RequestMessage> = {}) =>
  componentValue(readComponent(componentItem(identifier)), { ...request, ...changed });

describe('the target URI', () => {
  test.each([
    ['/p?a=1', 'https://a.example/p?a=1'],
    ['/%7Eu/../v', 'https://a.example/%7Eu/../v'],
    ['*', 'https://a.example'],
    ['HTTP://B.example/p', 'HTTP://B.example/p'],
  ])('of the target %s is %s', (target, expected) => {
    expect(valueOf('"@target-uri"', { target })).toBe(expected);
  });

  test.each(['a.example:443', 'p', ''])('is none for the target %j', (target) => {
    expect(() => valueOf('"@target-uri"', { target })).toThrow(SignatureError);
  });
});

describe('the authority', () => {
  test.each([
    ['a.example:', 'a.example'],
    ['a.example:80', 'a.example:80'],
    ['[2001:DB8::1]:443', '[2001:db8::1]'],
    [' A.EXAMPLE:8443 ', 'a.example:8443'],
  ])('of %j is %s', (authority, expected) => {
    expect(valueOf('"@authority"', { authority })).toBe(expected);
  });

  test.each(['', 'user@a.example', 'a.example/p', '::1', 'a.example:x', 'a b'])(
    'is none for the host %j',
    (authority) => {
      expect(() => valueOf('"@authority"', { authority })).toThrow(SignatureError);
    },
  );
});

describe('fields', () => {
  test('are joined line by line, without the white space around them and folds', () => {
    expect(valueOf('"cache-control"')).toBe('max-age=60, private');
    expect(valueOf('"x-fold"')).toBe('one two');
    expect(valueOf('"x-empty"')).toBe('');
    expect(valueOf('"cache-control";bs')).toBe(':bWF4LWFnZT02MA==:, :cHJpdmF0ZQ==:');
  });

  test('that are absent, not ASCII or could begin a line are refused, but for their bytes', () => {
    expect(() => valueOf('"x-absent"')).toThrow(SignatureError);
    const fields = ['X-Name', 'J\xfcrgen'];
    expect(() => valueOf('"x-name"', { fields })).toThrow(SignatureError);
    expect(valueOf('"x-name";bs', { fields })).toBe(':SvxyZ2Vu:');
  });
});

test.each([
  ['created=1402170695', true],
  ['created=1402170695.5', false],
  ['created="x"', false],
  ['expires=1402170999.25', true],
  ['expires=-1', false],
])('a draft-cavage signature with %s can be read: %s', (parameter, isReadable) => {
  const read = () => readCavage(`keyId="k",headers="date",${parameter},signature="c2ln"`);
  if (isReadable) expect(read().keyId).toBe('k');
  else expect(read).toThrow(SignatureError);
});
