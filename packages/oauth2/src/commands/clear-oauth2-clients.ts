import { secondsOfDays } from '@rf/auth';
import { db } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { oauth2Provider } from '../provider.ts';

const DEFAULT_DAYS = '30';

/** Nobody has used it, or could do so any moment with a code that is under way. */
const NEVER_USED = `source = 'registration' AND first_used IS NULL AND updated < $1
  AND NOT EXISTS (SELECT 1 FROM oauth2_code t WHERE t.client_id = c.id AND t.expires > $2)
  AND NOT EXISTS (SELECT 1 FROM oauth2_device_code t WHERE t.client_id = c.id AND t.expires > $2)`;

/** It comes back by itself when somebody uses it; one that was deactivated stays, or it would come back as well. */
const UNUSED_DOCUMENT = `source = 'document' AND active AND document_expires < $1
  AND NOT EXISTS (SELECT 1 FROM oauth2_code t WHERE t.client_id = c.id AND t.expires > $2)
  AND NOT EXISTS (SELECT 1 FROM oauth2_access_token t WHERE t.client_id = c.id AND t.expires > $2 AND t.revoked_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM oauth2_refresh_token t WHERE t.client_id = c.id AND t.expires > $2 AND t.revoked_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM oauth2_device_code t WHERE t.client_id = c.id AND t.expires > $2)`;

/** `rf clear-oauth2-clients [--days N]` (OA20, OA21). */
export const clearOAuth2Clients = defineCommand({
  name: 'clear-oauth2-clients',
  help: 'Delete OAuth 2.0 clients that came by themselves and are not used.',
  description:
    'Deletes clients that registered themselves and never got a token, and clients with a metadata document who hold no live token any more.',
  options: { days: { type: 'string', placeholder: 'N', help: `unused for so many days; default ${DEFAULT_DAYS}` } },
  async run({ options, site, stdout }) {
    const seconds = secondsOfDays(options.days ?? DEFAULT_DAYS) as number;
    const open = await site();
    const now = oauth2Provider(open).now();
    const before = new Date(now.getTime() - seconds * 1000);
    const deleted: [unknown[], number] = await db(open).query(
      `DELETE FROM oauth2_client c WHERE (${NEVER_USED}) OR (${UNUSED_DOCUMENT})`,
      [before, now],
    );
    stdout(`Deleted ${deleted[1]} clients.`);
  },
});
