import { users } from '@rf/auth';
import { CommandError, defineCommand } from '@rf/project';
import { setDigestPassword } from '../set-digest-password.ts';

/** `rf set-digest-password USER` */
export const setDigestPasswordCommand = defineCommand({
  name: 'set-digest-password',
  help: "Set the password that a user's Digest client sends.",
  description: 'With --noinput it is read from the environment variable RF_DIGEST_PASSWORD.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: { noinput: { type: 'boolean', help: 'ask nothing' } },
  async run({ args, options, env, prompt, site, stdout }) {
    const open = await site();
    const user = await users(open).findOneBy({ username: args.username });
    if (user === null) throw new CommandError(`user ${args.username} does not exist`);
    const password = options.noinput
      ? (env.RF_DIGEST_PASSWORD ?? '')
      : await prompt('Digest password: ', { hidden: true });
    if (password === '') throw new CommandError('A digest password cannot be empty.');
    await setDigestPassword(open, user, password);
    stdout(`Digest password set for user ${user.getUsername()}`);
  },
});
