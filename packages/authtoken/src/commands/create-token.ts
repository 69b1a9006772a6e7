import { findUser, users } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand, UsageError } from '@rf/project';
import { getOrCreateToken } from '../create-token.ts';
import { Token } from '../token.ts';

/** `rf create-token USER [--reset]`, `rf create-tokens --all` (TK05, TK14). */
export const createTokenCommand = defineCommand({
  name: 'create-token',
  help: "Make a user's token, or show the one there is.",
  arguments: [{ name: 'username', help: 'whose' }],
  options: { reset: { type: 'boolean', short: 'r', help: 'replace the token there is' } },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const user = await findUser(open, args.username);
    if (user === null) throw new CommandError(`Cannot create the Token: user ${args.username} does not exist`);
    if (options.reset) await db(open).delete(Token, { user: { id: user.id } });
    const token = await getOrCreateToken(db(open), user);
    stdout(`Generated token ${token.key} for user ${user.getUsername()}`);
  },
});

export const createTokensCommand = defineCommand({
  name: 'create-tokens',
  help: 'Make the tokens of all users who have none.',
  options: { all: { type: 'boolean', help: 'yes, of all' } },
  async run({ options, site, stdout }) {
    if (!options.all)
      throw new UsageError('rf create-tokens makes tokens for every user: write rf create-tokens --all');
    const open = await site();
    const manager = db(open);
    const without = await users(open)
      .createQueryBuilder('u')
      .leftJoin(Token, 'token', 'token.user_id = u.id')
      .where('token.key IS NULL')
      .orderBy('u.id')
      .getMany();
    for (const user of without) await getOrCreateToken(manager, user);
    stdout(`Made ${without.length} tokens.`);
  },
});
