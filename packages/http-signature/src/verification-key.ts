import type { KeyObject } from 'node:crypto';
import type { AbstractUser } from '@rf/auth';
import { findEntity } from '@rf/orm';
import type { Request } from '@rf/views';
import type { SignatureAlgorithm } from './signature-algorithms.ts';
import { SignatureKey } from './signature-key.ts';

/** A key that is good now, and whose it is. */
export interface VerificationKey {
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
  readonly user: AbstractUser;
  /** The row, where it comes from the table. */
  readonly row?: SignatureKey;
}

/** The key of this id in the table; null when there is none that counts now. */
export async function findVerificationKey(request: Request, keyId: string): Promise<VerificationKey | null> {
  const row = await findEntity(request, SignatureKey, { keyId }, ['user']);
  if (row === null || !row.isValid(request.site.clock())) return null;
  const key = row.open(request.site);
  return key === null ? null : { algorithm: row.algorithm, key, user: row.user, row };
}
