import { BCryptPasswordHasher, BCryptSHA256PasswordHasher, type PasswordHasher, verifyPassword } from '@rf/auth';
import { describe, expect, test } from 'vitest';

/** A hasher of one's own: `plain$COST$PASSWORD`. */
class RecordingHasher implements PasswordHasher {
  readonly algorithm = 'plain';
  readonly calls: string[] = [];

  constructor(readonly cost: number) {}

  async encode(password: string): Promise<string> {
    this.calls.push('encode');
    return `plain$${this.cost}$${password}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    this.calls.push('verify');
    return encoded.split('$')[2] === password;
  }

  mustUpdate(encoded: string): boolean {
    return Number(encoded.split('$')[1]) !== this.cost;
  }

  async hardenRuntime(): Promise<void> {
    this.calls.push('hardenRuntime');
  }
}

describe('checking a password', () => {
  test('spends more time on a wrong one where the stored hash is weaker than today’s', async () => {
    const hasher = new RecordingHasher(2);
    expect(await verifyPassword('wrong', 'plain$1$right', [hasher])).toEqual({ matches: false, mustUpdate: false });
    expect(hasher.calls).toEqual(['verify', 'hardenRuntime']);
  });

  test('spends no more where the hash is of today, or the password right', async () => {
    const hasher = new RecordingHasher(2);
    await verifyPassword('wrong', 'plain$2$right', [hasher]);
    await verifyPassword('right', 'plain$1$right', [hasher]);
    expect(hasher.calls).toEqual(['verify', 'verify']);
  });

  test('costs a hash where no hasher reads the stored text', async () => {
    const hasher = new RecordingHasher(2);
    await verifyPassword('any', '!unusable', [hasher]);
    await verifyPassword('any', 'unknown$1$x', [hasher]);
    expect(hasher.calls).toEqual(['encode', 'encode']);
  });
});

describe('bcrypt', () => {
  test.each([
    ['bcrypt_sha256', new BCryptSHA256PasswordHasher(4)],
    ['bcrypt', new BCryptPasswordHasher(4)],
  ])('as %s reads $2a$ and $2y$ as it reads $2b$', async (_name, hasher) => {
    const encoded = await hasher.encode('lètmein');
    for (const version of ['$2a$', '$2y$']) {
      expect(await hasher.verify('lètmein', encoded.replace('$2b$', version))).toBe(true);
    }
  });

  test('looks at all of a long password behind SHA-256, and at 72 bytes alone', async () => {
    const long = 'x'.repeat(72);
    const behind = new BCryptSHA256PasswordHasher(4);
    expect(await behind.verify(`${long}b`, await behind.encode(`${long}a`))).toBe(false);
    const alone = new BCryptPasswordHasher(4);
    expect(await alone.verify(`${long}b`, await alone.encode(`${long}a`))).toBe(true);
  });

  test('leaves the event loop to others while it works', async () => {
    const hasher = new BCryptSHA256PasswordHasher(10);
    let isDone = false;
    const hash = hasher.encode('x').then(() => {
      isDone = true;
    });
    let turns = 0;
    while (!isDone) {
      await new Promise(setImmediate);
      turns += 1;
    }
    await hash;
    // On the loop itself it would leave a handful.
    expect(turns).toBeGreaterThan(100);
  });

  test('answers each of many callers with the own result', async () => {
    const hasher = new BCryptSHA256PasswordHasher(4);
    const texts = await Promise.all(['a', 'b', 'c', 'd'].map((password) => hasher.encode(password)));
    const matrix = await Promise.all(
      texts.map((text) => Promise.all(['a', 'b', 'c', 'd'].map((password) => hasher.verify(password, text)))),
    );
    expect(matrix).toEqual([0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => row === column)));
  });
});
