import { type AbstractUser, secretBox } from '@rf/auth';
import { atomic, type SiteOwner } from '@rf/orm';
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
  await atomic(owner, async (manager) => {
    await manager.delete(DigestCredential, { user: { id: user.id } });
    for (const algorithm of new Set(algorithms.map(baseOf))) {
      await manager.save(
        manager.create(DigestCredential, {
          user: { id: user.id },
          realm,
          algorithm,
          ha1Sealed: secretBox(site).seal(digestHA1(algorithm, username, realm, password)),
          userhash: digestUserhash(algorithm, username, realm),
        }),
      );
    }
  });
}
