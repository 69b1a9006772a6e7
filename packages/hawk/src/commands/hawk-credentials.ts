import { secondsOfDays, userNamed } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { createHawkCredential } from '../create-hawk-credential.ts';
import { HawkCredential } from '../hawk-credential.ts';

/** `rf create-hawk-credential USER [--name NAME] [--scope S]… [--days N]`: prints id and key, once. */
export const createHawkCredentialCommand = defineCommand({
  name: 'create-hawk-credential',
  help: 'Make a key for signed requests and print it, once.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: {
    name: { type: 'string', help: 'what it is for', default: 'command line' },
    scope: { type: 'string', multiple: true, help: 'what it may do, for views that ask for scopes' },
    days: { type: 'string', help: 'days until it ends; it does not when left out' },
  },
  async run({ args, options, site, stdout }) {
    const lifetime = secondsOfDays(options.days);
    const open = await site();
    const user = await userNamed(open, args.username);
    const { credential, key } = await createHawkCredential(open, user, {
      name: options.name,
      scopes: options.scope,
      ...(lifetime !== undefined && { lifetime }),
    });
    stdout(`id ${credential.keyId}`);
    stdout(`key ${key}`);
    stdout(`algorithm ${credential.algorithm}`);
  },
});

/** `rf list-hawk-credentials`: everything but the keys. */
export const listHawkCredentialsCommand = defineCommand({
  name: 'list-hawk-credentials',
  help: 'Show the credentials there are, without their keys.',
  async run({ site, stdout }) {
    const open = await site();
    const credentials = await db(open).find(HawkCredential, { relations: { user: true }, order: { id: 'ASC' } });
    for (const { keyId, user, name, scopeList, active, expires } of credentials) {
      const state = !active ? 'off' : expires === null ? 'active' : `until ${expires.toISOString()}`;
      stdout([keyId, user.getUsername(), name, scopeList.join(' '), state].join('\t'));
    }
  },
});

/** `rf delete-hawk-credential ID` */
export const deleteHawkCredentialCommand = defineCommand({
  name: 'delete-hawk-credential',
  help: 'Delete a credential; requests signed with it are refused from then on.',
  arguments: [{ name: 'id', help: 'of the credential' }],
  async run({ args, site, stdout }) {
    const { affected } = await db(await site()).delete(HawkCredential, { keyId: args.id });
    if (!affected) throw new CommandError(`there is no credential ${args.id}`);
    stdout(`Deleted ${args.id}`);
  },
});
