import { db } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { IsNull, LessThanOrEqual, Not } from 'typeorm';
import { OAuth1AccessToken } from '../access-token.ts';
import { oauth1Provider } from '../provider.ts';
import { OAuth1TemporaryCredentials } from '../temporary-credentials.ts';

/** `rf clear-oauth1`: run it daily. */
export const clearOAuth1 = defineCommand({
  name: 'clear-oauth1',
  help: 'Delete OAuth 1.0a credentials that are of no use any more.',
  async run({ site, stdout }) {
    const open = await site();
    const isOver = { expires: LessThanOrEqual(oauth1Provider(open).now()) };
    const temporary = await db(open).delete(OAuth1TemporaryCredentials, [isOver, { usedAt: Not(IsNull()) }]);
    const tokens = await db(open).delete(OAuth1AccessToken, [isOver, { revokedAt: Not(IsNull()) }]);
    stdout(`Deleted ${(temporary.affected ?? 0) + (tokens.affected ?? 0)} rows.`);
  },
});
