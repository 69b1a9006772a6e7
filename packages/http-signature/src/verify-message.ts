import type { KeyObject } from 'node:crypto';
import type { StructuredFields } from './component-reader.ts';
import type { Message } from './message.ts';
import { type SignatureAlgorithm, verifySignature } from './signature-algorithms.ts';
import { signatureBase } from './signature-base.ts';
import { SignatureError } from './signature-error.ts';
import { readLabelInput, readSignature, type SignatureInput } from './signature-input.ts';

/**
 * Verifies one signature of a message and returns what it covers: a client's way to check an answer.
 *
 * Nothing more: look at the components, at `created` and at the digest of the body ({@link checkContentDigest}) yourself. Throws
 * SignatureError.
 */
export function verifyMessage(
  message: Message,
  label: string,
  { algorithm, key }: { readonly algorithm: SignatureAlgorithm; readonly key: KeyObject },
  structuredFields: StructuredFields = {},
): SignatureInput {
  const input = readLabelInput(message, label);
  const base = signatureBase(input.components, input.text, message, structuredFields);
  if (!verifySignature(algorithm, key, base, readSignature(message, label)))
    throw new SignatureError('it does not verify');
  return input;
}
