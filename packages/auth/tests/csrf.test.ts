import { makeCsrfSecret, maskCsrfSecret, safeRedirect, unmaskCsrfToken } from '@rf/auth';
import { expect, test } from 'vitest';

test('a token never looks the same twice and always hides the same secret', () => {
  const secret = makeCsrfSecret();
  const [one, two] = [maskCsrfSecret(secret), maskCsrfSecret(secret)];
  expect(one).not.toBe(two);
  expect(one).toMatch(/^[A-Za-z0-9]{64}$/);
  expect([unmaskCsrfToken(one), unmaskCsrfToken(two)]).toEqual([secret, secret]);
});

test.each([
  ['/books/?page=2', '/books/?page=2'],
  ['//evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/\t/evil.example/', '/'],
  ['', '/'],
  [undefined, '/'],
])('after the login %j leads to %j', (next, expected) => {
  expect(safeRedirect(next, '/')).toBe(expected);
});
