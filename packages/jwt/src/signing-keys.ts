import { secretBox } from '@rf/auth';
import { atomic, db } from '@rf/orm';
import type { Site } from '@rf/views';
import { IsNull, LessThanOrEqual } from 'typeorm';
import type { JwtAlgorithm } from './algorithms.ts';
import { JwtKey } from './jwt-key.ts';
import { jwtService } from './jwt-service.ts';
import { SigningKey } from './signing-key.ts';

/** Makes a key and keeps it. It verifies at once and signs `after` seconds from now, as the newest that may. */
export async function createSigningKey(site: Site, algorithm: JwtAlgorithm, after = 0): Promise<SigningKey> {
  const key = await JwtKey.generate(algorithm);
  const repository = db(site).getRepository(SigningKey);
  return repository.save(
    repository.create({
      kid: key.kid as string,
      alg: algorithm,
      privateEnc: secretBox(site).seal(key.exportPrivate()),
      publicJwk: key.publicJwk ?? null,
      notBefore: new Date(site.clock() + after * 1000),
      retiredAt: null,
    }),
  );
}

/**
 * Makes a key and retires those that it replaces: they sign until the new one does, and verify until the last token that they
 * signed has ended. Keys of other algorithms stay, since other clients may count on them, unless the algorithm is new: then it takes
 * the place of the newest key's.
 *
 * @param algorithm default that of the newest key
 */
export async function rotateSigningKey(
  site: Site,
  algorithm: JwtAlgorithm | undefined,
  after = 0,
): Promise<{ readonly created: SigningKey; readonly retired: readonly SigningKey[] }> {
  return atomic(site, async (manager) => {
    const { options, keyLifetime } = jwtService(site);
    const present = await manager.find(SigningKey, { where: { retiredAt: IsNull() }, order: { notBefore: 'DESC' } });
    const newest = present[0]?.alg;
    const created = await createSigningKey(site, algorithm ?? newest ?? options.algorithm, after);
    const isKnown = present.some(({ alg }) => alg === created.alg);
    const replaced = present.filter(({ alg }) => alg === (isKnown ? created.alg : newest));
    const retiredAt = new Date(created.notBefore.getTime() + keyLifetime * 1000);
    for (const key of replaced) await manager.update(SigningKey, { id: key.id }, { retiredAt });
    return { created, retired: replaced.map((key) => Object.assign(key, { retiredAt })) };
  });
}

/** Deletes keys whose time is over. Returns how many. */
export async function deleteDeadKeys(site: Site): Promise<number> {
  const { affected } = await db(site).delete(SigningKey, { retiredAt: LessThanOrEqual(new Date(site.clock())) });
  return affected ?? 0;
}
