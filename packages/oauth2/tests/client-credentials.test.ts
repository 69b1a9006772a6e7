import { OAuth2Error, readClientCredentials } from '@rf/oauth2';
import { describe, expect, test } from 'vitest';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const NO_FORM = { clientId: null, clientSecret: null };

function refusal(run: () => unknown): OAuth2Error {
  try {
    run();
  } catch (error) {
    if (error instanceof OAuth2Error) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('both halves of Basic are form-decoded', () => {
  expect(readClientCredentials(basic('client%3Awith+colon:p%40ss'), NO_FORM)).toEqual({
    clientId: 'client:with colon',
    clientSecret: 'p@ss',
    method: 'client_secret_basic',
  });
});

test('the scheme word is compared without case', () => {
  expect(readClientCredentials(basic('a:b').replace('Basic', 'bASIC'), NO_FORM).clientId).toBe('a');
});

test('the form may carry id and secret', () => {
  expect(readClientCredentials(undefined, { clientId: 'a', clientSecret: 'b' })).toEqual({
    clientId: 'a',
    clientSecret: 'b',
    method: 'client_secret_post',
  });
});

test('a public client only names itself', () => {
  const named = { clientId: 'a', clientSecret: null, method: 'none' };
  expect(readClientCredentials(undefined, { clientId: 'a', clientSecret: null })).toEqual(named);
  expect(readClientCredentials(basic('a:'), NO_FORM)).toEqual(named);
});

test('the form may repeat the id of the header', () => {
  const form = { clientId: 'a', clientSecret: null };
  expect(readClientCredentials(basic('a:b'), form).clientSecret).toBe('b');
});

describe('refused as invalid_request', () => {
  test.each([
    ['a secret in both places', basic('a:b'), { clientId: null, clientSecret: 'b' }],
    ['two different ids', basic('a:b'), { clientId: 'c', clientSecret: null }],
  ])('%s', (_case, header, form) => {
    expect(refusal(() => readClientCredentials(header, form)).error).toBe('invalid_request');
  });
});

describe('refused as invalid_client', () => {
  test.each([
    ['nothing', undefined],
    ['another scheme', 'Bearer abc'],
    ['the word alone', 'Basic'],
    ['a text that is no Base64', 'Basic !!!!'],
    ['Base64 with loose bits', 'Basic YTpiYx=='],
    ['no colon', basic('abc')],
    ['a broken percent escape', basic('a:%zz')],
    ['a lone percent sign', basic('a:100%')],
    ['bytes that are no UTF-8', `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString('base64')}`],
    ['an empty id', basic(':secret')],
    ['an id with a NUL', basic('a%00:secret')],
    ['an over-long header', basic(`a:${'b'.repeat(9000)}`)],
  ])('%s', (_case, header) => {
    const error = refusal(() => readClientCredentials(header, NO_FORM));
    expect(error.error).toBe('invalid_client');
    expect(error.statusCode).toBe(401);
  });
});
