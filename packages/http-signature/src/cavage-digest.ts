import { createHash } from 'node:crypto';
import { constantTimeEqual } from '@rf/auth';
import { SignatureError } from './signature-error.ts';

/**
 * Checks a body against its `Digest` (RFC 3230), the field of draft-cavage: each SHA-256 in it must be right, and one must be there.
 *
 * Throws SignatureError.
 */
export function checkCavageDigest(field: string, content: Uint8Array): void {
  const right = createHash('sha256').update(content).digest('base64');
  let checked = 0;
  for (const member of field.split(',')) {
    const text = member.trim();
    const equals = text.indexOf('=');
    if (equals === -1 || text.slice(0, equals).toLowerCase() !== 'sha-256') continue;
    if (!constantTimeEqual(right, text.slice(equals + 1))) throw new SignatureError('Digest is not that of the body');
    checked += 1;
  }
  if (checked === 0) throw new SignatureError('Digest has no SHA-256');
}
