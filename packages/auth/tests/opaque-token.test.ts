import { hashOpaqueToken, isOpaqueToken, makeOpaqueToken } from '@rf/auth';
import { expect, test } from 'vitest';

test('a value is its prefix, 43 random letters and digits, and a checksum of six', () => {
  expect(makeOpaqueToken('oat_')).toMatch(/^oat_[0-9A-Za-z]{49}$/);
});

test('two values differ', () => {
  expect(makeOpaqueToken('oat_')).not.toBe(makeOpaqueToken('oat_'));
});

test('a value is recognised by its own prefix only', () => {
  const token = makeOpaqueToken('oat_');
  expect(isOpaqueToken('oat_', token)).toBe(true);
  expect(isOpaqueToken('ort_', token)).toBe(false);
  expect(isOpaqueToken('ort_', `ort_${token.slice(4)}`)).toBe(false);
});

test('a change of any single bit breaks the checksum', () => {
  const token = makeOpaqueToken('ort_');
  const bytes = Buffer.from(token, 'latin1');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(isOpaqueToken('ort_', changed.toString('latin1'))).toBe(false);
  }
});

test('the stored form is a SHA-256 in hexadecimal', () => {
  expect(hashOpaqueToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
