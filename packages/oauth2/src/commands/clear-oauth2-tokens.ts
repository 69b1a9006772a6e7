import { prepared } from '@rf/orm';
import { defineCommand, type ProjectSite } from '@rf/project';
import { oauth2Provider } from '../provider.ts';

/** Rows deleted by one statement, so that none holds locks for long. */
const BATCH = 10_000;

/** True while a token of the row's family could still be used. A second use of what has been used is seen up to then. */
const FAMILY_LIVES = `(
  EXISTS (SELECT 1 FROM oauth2_refresh_token r WHERE r.family = t.family AND r.expires > $1 AND r.used_at IS NULL AND r.revoked_at IS NULL)
  OR EXISTS (SELECT 1 FROM oauth2_access_token a WHERE a.family = t.family AND a.expires > $1 AND a.revoked_at IS NULL))`;

const DEAD: Readonly<Record<string, string>> = {
  oauth2_device_code: 't.expires <= $1',
  oauth2_code: `t.expires <= $1 AND (t.used_at IS NULL OR NOT ${FAMILY_LIVES})`,
  oauth2_refresh_token: `(t.expires <= $1 OR t.used_at IS NOT NULL OR t.revoked_at IS NOT NULL) AND NOT ${FAMILY_LIVES}`,
  oauth2_access_token: 't.expires <= $1',
};

/** `rf clear-oauth2-tokens` (OA27): run it daily. */
export const clearOAuth2Tokens = defineCommand({
  name: 'clear-oauth2-tokens',
  help: 'Delete OAuth 2.0 codes and tokens that are of no use any more.',
  async run({ site, stdout }) {
    const open = await site();
    const now = oauth2Provider(open).now();
    let count = 0;
    for (const [table, isDead] of Object.entries(DEAD)) count += await deleteAll(open, table, isDead, now);
    stdout(`Deleted ${count} rows.`);
  },
});

async function deleteAll(site: ProjectSite, table: string, isDead: string, now: Date): Promise<number> {
  let count = 0;
  for (;;) {
    const { rowCount } = await prepared(site, {
      name: `rf_clear_${table}`,
      text: `DELETE FROM ${table} WHERE id IN (SELECT t.id FROM ${table} t WHERE ${isDead} LIMIT ${BATCH})`,
      values: [now],
    });
    count += rowCount;
    if (rowCount < BATCH) return count;
  }
}
