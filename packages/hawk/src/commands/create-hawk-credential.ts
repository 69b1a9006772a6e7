import { users } from '@rf/auth';
import { CommandError, defineCommand } from '@rf/project';
import { createHawkCredential } from '../create-hawk-credential.ts';

/** `rf create-hawk-credential USER`: prints id and key, once. */
export const createHawkCredentialCommand = defineCommand({
  name: 'create-hawk-credential',
  help: 'Make a key for signed requests and print it, once.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: {
    name: { type: 'string', help: 'what it is for', default: 'command line' },
    scope: { type: 'string', multiple: true, help: 'what it may do, for views that ask for scopes' },
  },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const user = await users(open).findOneBy({ username: args.username });
    if (user === null) throw new CommandError(`user ${args.username} does not exist`);
    const { credential, key } = await createHawkCredential(open, user, { name: options.name, scopes: options.scope });
    stdout(`id ${credential.keyId}`);
    stdout(`key ${key}`);
    stdout(`algorithm ${credential.algorithm}`);
  },
});
