import { makeUserCode, readUserCode } from '@rf/oauth2';
import { expect, test } from 'vitest';

test('a code is two groups of four consonants', () => {
  expect(makeUserCode()).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
});

test.each(['WDJB-MJHT', 'wdjbmjht', ' wdjb mjht ', 'w-d-j-b-m-j-h-t'])('%j is read as WDJB-MJHT', (typed) => {
  expect(readUserCode(typed)).toBe('WDJB-MJHT');
});

test.each(['', 'WDJB-MJH', 'WDJB-MJHTB', 'AEIO-UAEI', 'WDJB-MJH1'])('%j is no code', (typed) => {
  expect(readUserCode(typed)).toBeNull();
});
