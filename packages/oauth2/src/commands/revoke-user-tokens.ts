import { userNamed } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { findClient } from '../clients.ts';
import { oauth2Provider } from '../provider.ts';
import { revokeAuthorizations } from '../token-family.ts';

/** `rf revoke-user-tokens USER [--client CLIENT_ID]` */
export const revokeUserTokens = defineCommand({
  name: 'revoke-user-tokens',
  help: 'End everything that a user allowed OAuth 2.0 clients.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: { client: { type: 'string', placeholder: 'CLIENT_ID', help: 'only what this client was allowed' } },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const provider = oauth2Provider(open);
    const user = await userNamed(open, args.username);
    const client = options.client === undefined ? null : await findClient(db(open), options.client);
    if (options.client !== undefined && client === null) {
      throw new CommandError(`there is no client with the id ${options.client}`);
    }
    const ended = await provider.alone((manager) => revokeAuthorizations(manager, user, client, provider.now()));
    stdout(`Ended ${ended} authorizations of user '${user.getUsername()}'.`);
  },
});
