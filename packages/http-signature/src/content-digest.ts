import { createHash } from 'node:crypto';
import { constantTimeEqual } from '@rf/auth';
import { SignatureError } from './signature-error.ts';
import { byteSequence, bytesOf, readCanonicalDictionary } from './structured-fields.ts';

/** The algorithms of RFC 9530 that resist an attacker; the others it names are ignored. */
export type DigestAlgorithm = 'sha-256' | 'sha-512';

const hashNames: Readonly<Record<DigestAlgorithm, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };

/** True for a digest that counts. */
export function isStrongDigest(name: string): name is DigestAlgorithm {
  return Object.hasOwn(hashNames, name);
}

/** A value for `Content-Digest` (RFC 9530). @param content the bytes that are sent, compressed if they are */
export function contentDigest(content: string | Uint8Array, algorithm: DigestAlgorithm = 'sha-256'): string {
  return `${algorithm}=${byteSequence(createHash(hashNames[algorithm]).update(content).digest())}`;
}

/**
 * Checks a body against its `Content-Digest`: each sha-256 and sha-512 in it must be right, and one must be there.
 *
 * Throws SignatureError, also for a field that is not in its canonical spelling.
 *
 * @param content the bytes as they came, before anything decompressed them
 */
export function checkContentDigest(field: string, content: Uint8Array): void {
  let checked = 0;
  // Of a member that comes twice, others may take the first where we would take the last.
  for (const [name, member] of readCanonicalDictionary('Content-Digest', field)) {
    if (!isStrongDigest(name)) continue;
    const sent = bytesOf(member);
    const right = createHash(hashNames[name]).update(content).digest();
    if (sent === null || !constantTimeEqual(right, sent)) {
      throw new SignatureError(`${name} of Content-Digest is not that of the body`);
    }
    checked += 1;
  }
  if (checked === 0) throw new SignatureError('Content-Digest has neither sha-256 nor sha-512');
}
