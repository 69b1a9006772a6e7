import { db } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { SignatureKey } from '../signature-key.ts';

/** `rf list-signature-keys --user USER` */
export const listSignatureKeysCommand = defineCommand({
  name: 'list-signature-keys',
  help: 'List the keys of signed requests: id, algorithm, user, whether they count, when they were last used.',
  options: { user: { type: 'string', placeholder: 'NAME', help: 'only those of this user' } },
  async run({ options, site, stdout }) {
    const open = await site();
    const keys = await db(open).find(SignatureKey, { relations: { user: true }, order: { id: 'ASC' } });
    const now = open.clock();
    for (const key of keys) {
      const owner = key.user.getUsername();
      if (options.user !== undefined && owner !== options.user) continue;
      const state = !key.active ? 'revoked' : key.isValid(now) ? 'valid' : 'outside its time';
      const used = key.lastUsed?.toISOString() ?? 'never';
      const end = key.expires === null ? '' : `, ends ${key.expires.toISOString()}`;
      stdout(`${key.keyId}  ${key.algorithm}  ${owner}  ${state}${end}, used ${used}  ${key.name}`);
    }
  },
});
