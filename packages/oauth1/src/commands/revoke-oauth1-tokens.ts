import { userNamed } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { IsNull } from 'typeorm';
import { OAuth1AccessToken } from '../access-token.ts';
import { findConsumer } from '../consumers.ts';
import { oauth1Provider } from '../provider.ts';

/** `rf revoke-oauth1-tokens USER [--consumer KEY]` */
export const revokeOAuth1Tokens = defineCommand({
  name: 'revoke-oauth1-tokens',
  help: 'End everything that a user allowed OAuth 1.0a consumers.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: { consumer: { type: 'string', placeholder: 'KEY', help: 'only what this consumer was allowed' } },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const user = await userNamed(open, args.username);
    const consumer = options.consumer === undefined ? null : await findConsumer(db(open), options.consumer);
    if (options.consumer !== undefined && consumer === null) {
      throw new CommandError(`there is no consumer with the key ${options.consumer}`);
    }
    const { affected } = await db(open).update(
      OAuth1AccessToken,
      { user: { id: user.id }, revokedAt: IsNull(), ...(consumer !== null && { consumer: { id: consumer.id } }) },
      { revokedAt: oauth1Provider(open).now() },
    );
    stdout(`Revoked ${affected ?? 0} tokens of user '${user.getUsername()}'.`);
  },
});
