import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { findClient, rotateClientSecret } from '../clients.ts';
import { oauth2Provider } from '../provider.ts';

/** `rf rotate-client-secret CLIENT_ID` */
export const rotateClientSecretCommand = defineCommand({
  name: 'rotate-client-secret',
  help: 'Give an OAuth 2.0 client a new secret; the old one ends at once.',
  arguments: [{ name: 'clientId', help: 'which client' }],
  async run({ args, site, stdout }) {
    const open = await site();
    const client = await findClient(db(open), args.clientId);
    if (client === null) throw new CommandError(`there is no client with the id ${args.clientId}`);
    const secret = await rotateClientSecret(db(open), oauth2Provider(open), client);
    if (secret === null) throw new CommandError(`${client.name} is a public client: it has no secret`);
    stdout(`client_secret: ${secret}`);
  },
});
