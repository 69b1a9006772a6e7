import { type AbstractUser, secretBox } from '@rf/auth';
import { atomic, db, type SiteOwner } from '@rf/orm';
import { In, Not } from 'typeorm';
import { DigestCredential } from './digest-credential.ts';
import { baseOf, digestHA1, digestUserhash } from './digest-hash.ts';
import { digestOptionsKey } from './digest-options.ts';

/**
 * Stores what Digest authentication needs of a password: call it where passwords are set. It does not change the password that the user
 * logs in with elsewhere, and it counts only for the present name and realm.
 */
export async function setDigestPassword(owner: SiteOwner, user: AbstractUser, password: string): Promise<void> {
  const site = 'site' in owner ? owner.site : owner;
  const { realm, algorithms } = site.resource(digestOptionsKey);
  const username = user.getUsername();
  const box = secretBox(site);
  const credentials = [...new Set(algorithms.map(baseOf))].map((algorithm) => ({
    user: { id: user.id },
    realm,
    algorithm,
    ha1Sealed: box.seal(digestHA1(algorithm, username, realm, password)),
    userhash: digestUserhash(algorithm, username, realm),
  }));
  await atomic(owner, async (manager) => {
    // Not a delete and an insert: two at once would both insert.
    const { identifiers } = await manager.upsert(DigestCredential, credentials, ['user', 'realm', 'algorithm']);
    const ids = identifiers.map(({ id }) => id as number);
    await manager.delete(DigestCredential, { user: { id: user.id }, id: Not(In(ids)) });
  });
}

/** Takes the digest password of a user back; true when there was one. */
export async function deleteDigestPassword(owner: SiteOwner, user: AbstractUser): Promise<boolean> {
  const { affected } = await db(owner).delete(DigestCredential, { user: { id: user.id } });
  return (affected ?? 0) > 0;
}
