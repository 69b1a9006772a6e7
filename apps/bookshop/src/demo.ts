import { createSuperuser, createUser, users } from '@rf/auth';
import { getOrCreateToken, issueAccessToken } from '@rf/authtoken';
import { db } from '@rf/orm';
import type { ProjectSite } from '@rf/project';

/** What there is to try with. */
export interface Demo {
  readonly aliceToken: string;
  readonly adminToken: string;
  /** Made at each start: its text cannot be read again. */
  readonly stockToken: string;
}

/** Makes alice and admin, unless they are there. */
export async function makeDemo(site: ProjectSite): Promise<Demo> {
  const repository = users(site);
  const alice =
    (await repository.findOneBy({ username: 'alice' })) ??
    (await createUser(site, { username: 'alice', password: 'alice-pass-1', email: 'alice@example.com' }));
  const admin =
    (await repository.findOneBy({ username: 'admin' })) ??
    (await createSuperuser(site, { username: 'admin', password: 'admin-pass-1', email: 'admin@example.com' }));
  const manager = db(site);
  const stock = await issueAccessToken(site, alice, { name: 'demo', scopes: ['stock'], lifetime: 24 * 60 * 60 });
  return {
    aliceToken: (await getOrCreateToken(manager, alice)).key,
    adminToken: (await getOrCreateToken(manager, admin)).key,
    stockToken: stock.text,
  };
}
