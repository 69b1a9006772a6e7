import { defineCommand } from '@rf/project';
import { replayMemory } from '../replay-memory.ts';
import { clearExpiredSessions } from '../request-session.ts';

/** `rf clearsessions`: deletes expired sessions and expired entries of the replay memory (CL03). */
export const clearSessions = defineCommand({
  name: 'clearsessions',
  help: 'Delete expired sessions and expired nonces.',
  async run({ site, stdout }) {
    const open = await site();
    const sessions = await clearExpiredSessions(open);
    const nonces = await replayMemory(open).purge();
    stdout(`Deleted ${sessions} expired sessions and ${nonces} expired nonces.`);
  },
});
