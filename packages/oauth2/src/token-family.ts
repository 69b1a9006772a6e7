import type { AbstractUser } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { OAuth2AccessToken } from './access-token.ts';
import { OAuth2Code } from './authorization-code.ts';
import type { OAuth2Client } from './client.ts';
import { OAuth2Consent } from './consent.ts';
import { OAuth2DeviceCode } from './device-code.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';

/**
 * Holds a family until the transaction ends: whoever makes tokens of it and whoever revokes it take turns, so that no
 * token is made beside a revocation that does not see it.
 */
export async function lockFamily(manager: EntityManager, family: string): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`oauth2 ${family}`]);
}

/** Ends everything that came, or could still come, of one authorization. The caller holds the family. */
export async function revokeFamily(manager: EntityManager, family: string, now: Date): Promise<void> {
  for (const table of [OAuth2AccessToken, OAuth2RefreshToken]) {
    await manager
      .createQueryBuilder()
      .update(table)
      .set({ revokedAt: now })
      .where('family = :family AND revoked_at IS NULL', { family })
      .execute();
  }
  for (const table of [OAuth2Code, OAuth2DeviceCode]) {
    await manager
      .createQueryBuilder()
      .update(table)
      .set({ usedAt: now })
      .where('family = :family AND used_at IS NULL', { family })
      .execute();
  }
}

const LIVE_FAMILIES = `
  SELECT family FROM oauth2_access_token WHERE user_id = $1 AND client_id = coalesce($2, client_id) AND revoked_at IS NULL
  UNION SELECT family FROM oauth2_refresh_token WHERE user_id = $1 AND client_id = coalesce($2, client_id) AND revoked_at IS NULL
  UNION SELECT family FROM oauth2_code WHERE user_id = $1 AND client_id = coalesce($2, client_id) AND used_at IS NULL
  UNION SELECT family FROM oauth2_device_code WHERE user_id = $1 AND client_id = coalesce($2, client_id) AND used_at IS NULL
  ORDER BY family`;

/**
 * Ends all that a user allowed one client, or every client: tokens, codes that are under way, remembered consents (OA28).
 *
 * Returns how many authorizations ended.
 */
export async function revokeAuthorizations(
  manager: EntityManager,
  user: AbstractUser,
  client: OAuth2Client | null,
  now: Date,
): Promise<number> {
  await manager.delete(OAuth2Consent, {
    user: { id: user.id },
    ...(client !== null && { client: { id: client.id } }),
  });
  return revokeTokens(manager, user, client, now);
}

/**
 * Ends the tokens and codes that one client, or every client, has of a user. What the user consented to stays remembered.
 *
 * Returns how many authorizations ended.
 */
export async function revokeTokens(
  manager: EntityManager,
  user: AbstractUser,
  client: OAuth2Client | null,
  now: Date,
): Promise<number> {
  const live: { family: string }[] = await manager.query(LIVE_FAMILIES, [user.id, client?.id ?? null]);
  // In one order, so that two of these do not wait for each other.
  for (const { family } of live) {
    await lockFamily(manager, family);
    await revokeFamily(manager, family, now);
  }
  return live.length;
}
