import { SecretBox } from '@rf/auth';
import { expect, test } from 'vitest';

const site = { secretKey: 'the present key of the project', secretKeyFallbacks: [] };

test('opens what it sealed', () => {
  const box = new SecretBox(site);
  expect(box.open(box.seal('hawk key ✓'))).toBe('hawk key ✓');
});

test('seals one secret to two texts, neither of which shows it', () => {
  const box = new SecretBox(site);
  const sealed = box.seal('visible?');
  expect(sealed).not.toBe(box.seal('visible?'));
  expect(sealed).not.toContain('visible');
});

test('refuses a text with any one bit changed', () => {
  const box = new SecretBox(site);
  const [version, id, payload] = box.seal('secret').split('.') as [string, string, string];
  const bytes = Buffer.from(payload, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(() => box.open(`${version}.${id}.${changed.toString('base64url')}`)).toThrow();
  }
});

test('refuses what another project, or another purpose, sealed', () => {
  const sealed = new SecretBox(site).seal('secret');
  expect(() => new SecretBox({ ...site, secretKey: 'somebody else' }).open(sealed)).toThrow(/secretKey/);
  expect(() => new SecretBox(site, 'another purpose').open(sealed)).toThrow();
});

test('opens what a former secret key sealed, and says that it is outdated', () => {
  const sealed = new SecretBox(site).seal('secret');
  const rotated = new SecretBox({ secretKey: 'a new key', secretKeyFallbacks: [site.secretKey] });
  expect(rotated.open(sealed)).toBe('secret');
  expect(rotated.isOutdated(sealed)).toBe(true);
  expect(rotated.isOutdated(rotated.seal('secret'))).toBe(false);
});
