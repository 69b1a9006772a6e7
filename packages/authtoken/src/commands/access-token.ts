import { secondsOfDays, userNamed } from '@rf/auth';
import { db } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { LessThanOrEqual } from 'typeorm';
import { AccessToken } from '../access-token.ts';
import { issueAccessToken } from '../issue-access-token.ts';

/** `rf create-access-token USER --name NAME [--scope S]… [--days N]`: prints the token, once. */
export const createAccessTokenCommand = defineCommand({
  name: 'create-access-token',
  help: 'Make an access token for a user and print it, once.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: {
    name: { type: 'string', help: 'what it is for', default: 'command line' },
    scope: { type: 'string', multiple: true, help: 'what it may do; everything when left out' },
    days: { type: 'string', help: "days until it ends; the project's lifetime when left out" },
  },
  async run({ args, options, site, stdout }) {
    const lifetime = secondsOfDays(options.days);
    const open = await site();
    const user = await userNamed(open, args.username);
    const { text } = await issueAccessToken(open, user, {
      name: options.name,
      ...(options.scope.length > 0 && { scopes: options.scope }),
      ...(lifetime !== undefined && { lifetime }),
    });
    stdout(text);
  },
});

/** `rf clear-expired-tokens` */
export const clearExpiredTokensCommand = defineCommand({
  name: 'clear-expired-tokens',
  help: 'Delete access tokens that have ended.',
  async run({ site, stdout }) {
    const open = await site();
    const { affected } = await db(open).delete(AccessToken, { expires: LessThanOrEqual(new Date(open.clock())) });
    stdout(`Deleted ${affected ?? 0} expired tokens.`);
  },
});
