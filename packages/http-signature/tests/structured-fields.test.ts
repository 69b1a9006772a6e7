import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import {
  checkContentDigest,
  createSignatureKey,
  httpSignature,
  keyProblem,
  readCavage,
  readLabelInput,
  SignatureError,
} from '@rf/http-signature';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const messageWith = (signatureInput: string) => ({ status: 200, fields: ['Signature-Input', signatureInput] });

/** Text that is nearly a header. */
const nearly = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'sig1',
        '=',
        '(',
        ')',
        '"@method"',
        '"',
        ';',
        'created',
        'keyid',
        ':',
        ',',
        ' ',
        '\\',
        '\t',
        '1',
        'sf',
      ),
      fc.string({ maxLength: 4, unit: 'binary' }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

describe('the parsers', () => {
  test('throw nothing but SignatureError, whatever comes', () => {
    const body = Buffer.from('x');
    const readers = [
      (text: string) => readLabelInput(messageWith(text), 'sig1'),
      (text: string) => readCavage(text),
      (text: string) => checkContentDigest(text, body),
    ];
    fc.assert(
      fc.property(nearly, (text) => {
        for (const reader of readers) {
          try {
            reader(text);
          } catch (error) {
            if (!(error instanceof SignatureError)) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    'sig1=("@method" "@method")',
    'sig1=( "@method")',
    'sig1=("@method");created=1.0',
    'sig1=("@method");created=01',
    'sig1=("@method");created=1;created=1',
    'sig1=("@method"), sig1=("@method")',
    'sig1=("@method");keyid=k',
    'sig1=("@Method")',
    'sig1=(sf)',
    `sig1=(${'"a" '.repeat(3000)}"b")`,
  ])('refuse %s', (text) => {
    expect(() => readLabelInput(messageWith(text), 'sig1')).toThrow(SignatureError);
  });
});

describe('keys and settings', () => {
  test('an HMAC secret is long, and no key file', () => {
    const problem = (text: string) => keyProblem('hmac-sha256', createSecretKey(Buffer.from(text)));
    expect(problem('a'.repeat(31))).toBe('has less than 32 bytes');
    expect(problem(`-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}`)).toContain('key file');
    expect(problem('a'.repeat(32))).toBeNull();
  });

  test('a private key, a weak key and a key of another kind are refused', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const make = (algorithm: 'rsa-v1_5-sha256' | 'ed25519', publicKey: string) =>
      createSignatureKey({} as never, { id: 1 as never }, { algorithm, publicKey });
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    await expect(make('rsa-v1_5-sha256', pem)).rejects.toThrow('has less than 2048 bits');
    await expect(make('ed25519', pem)).rejects.toThrow('is no ed25519 key');
    const secret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await expect(make('rsa-v1_5-sha256', secret)).rejects.toThrow('This is a private key');
    await expect(make('ed25519', 'hello')).rejects.toThrow('This is no public key');
  });

  test.each([
    [{ maxAge: 0 }, 'httpSignature({ maxAge }) is 0'],
    [{ skew: -1 }, 'httpSignature({ skew }) is -1'],
    [{ algorithms: ['rsa-sha1'] }, "'rsa-sha1'; write some of ed25519"],
    [{ label: 'Sig' }, "httpSignature({ label }) is 'Sig'"],
    [{ requiredComponents: ['@body'] }, "'@body'"],
    [{ cavageHeaders: ['date'] }, 'keep (request-target)'],
    [{ cavageHeaders: ['(request-target)', 'host'] }, 'keep date'],
    [{ cavageHeaders: ['(request-target)', 'date', 'Host'] }, "'Host' is no name"],
    [{ signResponses: { keyId: 'k', algorithm: 'ed25519', key: 'x' } }, 'a key that cannot be read'],
    [{ signResponses: { keyId: 'k', algorithm: 'hmac-sha256', key: 'short' } }, 'has less than 32 bytes'],
  ])('httpSignature(%j) is refused at start-up', (settings, message) => {
    expect(() => httpSignature(settings as never)).toThrow(message);
  });
});
