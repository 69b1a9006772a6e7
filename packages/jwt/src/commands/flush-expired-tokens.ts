import { defineCommand } from '@rf/project';
import { jwtService } from '../jwt-service.ts';
import { deleteDeadKeys } from '../signing-keys.ts';

/** `rf flush-expired-tokens` (JW10). Run it daily. */
export const flushExpiredTokens = defineCommand({
  name: 'flush-expired-tokens',
  help: 'Delete outstanding and blacklisted tokens that have expired, and keys that nothing is accepted from.',
  async run({ site, stdout }) {
    const open = await site();
    const { blacklist, options } = jwtService(open);
    const tokens = options.blacklist ? await blacklist.flush(options.leeway) : 0;
    const keys = await deleteDeadKeys(open);
    stdout(`Deleted ${tokens} expired tokens and ${keys} retired keys.`);
  },
});
