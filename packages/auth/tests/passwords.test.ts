import {
  Argon2PasswordHasher,
  BCryptSHA256PasswordHasher,
  checkPassword,
  isPasswordUsable,
  makePassword,
  type PasswordHasher,
  PBKDF2PasswordHasher,
  PBKDF2SHA1PasswordHasher,
  ScryptPasswordHasher,
  verifyPassword,
} from '@rf/auth';
import { describe, expect, test } from 'vitest';

const fastScrypt = new ScryptPasswordHasher({ N: 16, r: 1, p: 1 });

const hashers: readonly (readonly [string, PasswordHasher, RegExp])[] = [
  ['scrypt', fastScrypt, /^scrypt\$16\$[A-Za-z0-9]{22}\$1\$1\$[A-Za-z0-9+/]{86}==$/],
  ['PBKDF2-SHA256', new PBKDF2PasswordHasher(10), /^pbkdf2_sha256\$10\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$/],
  ['PBKDF2-SHA1', new PBKDF2SHA1PasswordHasher(10), /^pbkdf2_sha1\$10\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{27}=$/],
  [
    'Argon2id',
    new Argon2PasswordHasher({ timeCost: 1, memoryCost: 64, parallelism: 1 }),
    /^argon2\$argon2id\$v=19\$m=64,t=1,p=1\$/,
  ],
  ['bcrypt', new BCryptSHA256PasswordHasher(4), /^bcrypt_sha256\$\$2[aby]\$04\$/],
];

describe.each(hashers)('%s', (_name, hasher, format) => {
  test("writes Django's text format", async () => {
    expect(await hasher.encode('pässword')).toMatch(format);
  });

  test('verifies the password it encoded, and no other', async () => {
    const encoded = await hasher.encode('pässword');
    expect(await hasher.verify('pässword', encoded)).toBe(true);
    expect(await hasher.verify('passwörd', encoded)).toBe(false);
    expect(await hasher.verify('', encoded)).toBe(false);
  });

  test('gives one password two texts', async () => {
    expect(await hasher.encode('same')).not.toBe(await hasher.encode('same'));
  });

  test('needs no update for what it just wrote', async () => {
    expect(hasher.mustUpdate(await hasher.encode('x'))).toBe(false);
  });

  test('refuses a text that was cut', async () => {
    const encoded = await hasher.encode('x');
    expect(await hasher.verify('x', encoded.slice(0, -3))).toBe(false);
  });
});

test.each([
  ['scrypt$16$salt$1$1$', 'scrypt without a hash'],
  ['scrypt$17$salt$1$1$aaaa', 'a cost that is no power of two'],
  ['scrypt$1073741824$salt$8$1$aaaa', 'a cost that would take the memory'],
  ['pbkdf2_sha256$-1$salt$aaaa', 'negative rounds'],
  ['pbkdf2_sha256$99999999999$salt$aaaa', 'rounds that would take hours'],
  ['bcrypt_sha256$$2b$31$abcdefghijklmnopqrstuuKJHGKJHGKJHGKJHGKJHGKJHGKJHGKJHGK', 'rounds that would take days'],
  ['md5$salt$hash', 'an algorithm that nobody reads'],
  ['', 'nothing'],
])('%s (%s) matches no password', async (encoded) => {
  expect(await checkPassword('x', encoded)).toBe(false);
});

test('an unusable password matches nothing, not even itself', async () => {
  const encoded = await makePassword(null);
  expect(isPasswordUsable(encoded)).toBe(false);
  expect(await checkPassword('', encoded)).toBe(false);
  expect(await checkPassword(encoded, encoded)).toBe(false);
});

test('a hash of another algorithm or weaker parameters asks to be renewed', async () => {
  const all = [fastScrypt, new PBKDF2PasswordHasher(10)];
  const weaker = await new ScryptPasswordHasher({ N: 8, r: 1, p: 1 }).encode('x');
  const other = await new PBKDF2PasswordHasher(10).encode('x');
  expect(await verifyPassword('x', weaker, all)).toEqual({ matches: true, mustUpdate: true });
  expect(await verifyPassword('x', other, all)).toEqual({ matches: true, mustUpdate: true });
  expect(await verifyPassword('x', await fastScrypt.encode('x'), all)).toEqual({ matches: true, mustUpdate: false });
  expect(await verifyPassword('y', weaker, all)).toEqual({ matches: false, mustUpdate: false });
});
