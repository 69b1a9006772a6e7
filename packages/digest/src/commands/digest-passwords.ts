import { userNamed } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { DigestCredential } from '../digest-credential.ts';
import { deleteDigestPassword, setDigestPassword } from '../set-digest-password.ts';

/** `rf set-digest-password USER [--noinput]` */
export const setDigestPasswordCommand = defineCommand({
  name: 'set-digest-password',
  help: "Set the password that a user's Digest client sends.",
  description: 'With --noinput it is read from the environment variable RF_DIGEST_PASSWORD.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: { noinput: { type: 'boolean', help: 'ask nothing' } },
  async run({ args, options, env, prompt, site, stdout }) {
    const open = await site();
    const user = await userNamed(open, args.username);
    const password = options.noinput
      ? (env.RF_DIGEST_PASSWORD ?? '')
      : await prompt('Digest password: ', { hidden: true });
    if (password === '') throw new CommandError('A digest password cannot be empty.');
    await setDigestPassword(open, user, password);
    stdout(`Digest password set for user ${user.getUsername()}`);
  },
});

/** `rf list-digest-passwords`: who has one, for which realm and algorithms. */
export const listDigestPasswordsCommand = defineCommand({
  name: 'list-digest-passwords',
  help: 'Show which users have a Digest password, with realm and algorithm.',
  async run({ site, stdout }) {
    const open = await site();
    const credentials = await db(open).find(DigestCredential, { relations: { user: true }, order: { id: 'ASC' } });
    for (const { user, realm, algorithm } of credentials) stdout(`${user.getUsername()}\t${realm}\t${algorithm}`);
  },
});

/** `rf delete-digest-password USER` */
export const deleteDigestPasswordCommand = defineCommand({
  name: 'delete-digest-password',
  help: "Take a user's Digest password back.",
  arguments: [{ name: 'username', help: 'whose' }],
  async run({ args, site, stdout }) {
    const open = await site();
    const user = await userNamed(open, args.username);
    if (!(await deleteDigestPassword(open, user))) {
      throw new CommandError(`user ${args.username} has no digest password`);
    }
    stdout(`Digest password deleted for user ${user.getUsername()}`);
  },
});
