import { randomBytes } from 'node:crypto';
import { type AbstractUser, secretBox } from '@rf/auth';
import { db, type SiteOwner } from '@rf/orm';
import type { HawkAlgorithm } from './hawk-crypto.ts';
import { HawkCredential } from './hawk-credential.ts';

/** What a new credential is like. */
export interface HawkCredentialOptions {
  readonly name?: string;
  readonly scopes?: readonly string[];
  /** Seconds until it ends; left out, it does not. */
  readonly lifetime?: number;
  readonly algorithm?: HawkAlgorithm;
  /** For a key that a client has already; made anew when left out. It must be random: guesses are not counted. */
  readonly keyId?: string;
  readonly key?: string;
}

/** Makes a credential for a user; the key is what the client needs beside `credential.keyId`. */
export async function createHawkCredential(
  owner: SiteOwner,
  user: Pick<AbstractUser, 'id'>,
  options: HawkCredentialOptions = {},
): Promise<{ credential: HawkCredential; key: string }> {
  const site = 'site' in owner ? owner.site : owner;
  const now = site.clock();
  const key = options.key ?? randomBytes(32).toString('base64url');
  const manager = db(owner);
  const credential = await manager.save(
    manager.create(HawkCredential, {
      // Hexadecimal: one that begins with a hyphen would look like an option to the commands.
      keyId: options.keyId ?? randomBytes(12).toString('hex'),
      keySealed: secretBox(site).seal(key),
      algorithm: options.algorithm ?? 'sha256',
      user: { id: user.id },
      name: options.name ?? '',
      scopeList: [...(options.scopes ?? [])],
      active: true,
      expires: options.lifetime === undefined ? null : new Date(now + options.lifetime * 1000),
      created: new Date(now),
      lastUsed: null,
    }),
  );
  return { credential, key };
}
