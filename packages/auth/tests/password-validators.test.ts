import { type PasswordOwner, validatePassword } from '@rf/auth';
import { ValidationError } from '@rf/exceptions';
import { expect, test } from 'vitest';

function codes(password: string, owner: PasswordOwner = {}): unknown {
  try {
    validatePassword(password, owner);
    return [];
  } catch (error) {
    return (error as ValidationError).getCodes();
  }
}

test.each([
  ['correct horse battery', {}, []],
  ['short1x', {}, ['password_too_short']],
  ['password123', {}, ['password_too_common']],
  ['73910284561', {}, ['password_entirely_numeric']],
  ['12345678', {}, ['password_too_common', 'password_entirely_numeric']],
  ['alice.smith1', { username: 'alice.smith' }, ['password_too_similar']],
  ['zq!alice', { username: 'bob' }, []],
  ['jane.doe@corp', { email: 'jane.doe@corp.example' }, ['password_too_similar']],
])('%j for %j has the faults %j', (password, owner, expected) => {
  expect(codes(password, owner)).toEqual(expected);
});

test("says Django's words", () => {
  expect(() => validatePassword('abc')).toThrow(ValidationError);
  try {
    validatePassword('abc');
  } catch (error) {
    expect((error as ValidationError).detail).toMatchObject([
      { message: 'This password is too short. It must contain at least 8 characters.' },
    ]);
  }
});
