import { db, type SiteOwner } from '@rf/orm';
import { type CreatedSignatureKey, createSignatureKey, type SignatureKeyOptions } from './create-signature-key.ts';
import { SignatureKey } from './signature-key.ts';

/**
 * Makes a key that takes the place of another: same user, algorithm and name. The old one still counts for a while.
 *
 * @param old with its user
 * @param overlap seconds; a time at which it would have ended anyway is not put off
 */
export async function rotateSignatureKey(
  owner: SiteOwner,
  old: SignatureKey,
  overlap: number,
  material: Pick<SignatureKeyOptions, 'publicKey' | 'secret' | 'keyId'> = {},
): Promise<CreatedSignatureKey> {
  const site = 'site' in owner ? owner.site : owner;
  const { algorithm, name, user } = old;
  const created = await createSignatureKey(owner, user, { ...material, algorithm, name });
  const end = site.clock() + overlap * 1000;
  if (old.expires === null || old.expires.getTime() > end) old.expires = new Date(end);
  // This column alone: the key may have been revoked since it was read.
  await db(owner).update(SignatureKey, old.id, { expires: old.expires });
  return created;
}
