import { userNamed } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { type GrantType, grantTypes } from '../client.ts';
import { createClient, findClient } from '../clients.ts';
import { oauth2Provider } from '../provider.ts';

/** What the device grant may be called on the command line. */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** `rf create-oauth2-client NAME …` (OA27). */
export const createOAuth2Client = defineCommand({
  name: 'create-oauth2-client',
  help: 'Register an OAuth 2.0 client and print its id and secret.',
  description:
    'The secret is shown this once. Without --grant the client may use authorization_code and refresh_token, a resource server none.',
  arguments: [{ name: 'name', help: 'shown to those who are asked to allow it' }],
  options: {
    public: { type: 'boolean', help: 'it cannot keep a secret: a browser or device application' },
    grant: { type: 'string', multiple: true, help: `${grantTypes.join(', ')} (or device_code)` },
    'redirect-uri': { type: 'string', multiple: true, placeholder: 'URI', help: 'where answers may go' },
    'post-logout-redirect-uri': {
      type: 'string',
      multiple: true,
      placeholder: 'URI',
      help: 'where users may go after they logged out (OpenID Connect)',
    },
    'id-token-algorithm': {
      type: 'string',
      placeholder: 'NAME',
      help: 'of its ID tokens; default that of the provider',
    },
    scope: { type: 'string', multiple: true, help: 'the most it may ask for; default every scope' },
    owner: { type: 'string', placeholder: 'USERNAME', help: 'whose it is' },
    'client-id': { type: 'string', placeholder: 'ID', help: 'default 32 random letters and digits' },
    'first-party': { type: 'boolean', help: 'it belongs to those who run the provider' },
    'skip-consent': { type: 'boolean', help: 'do not ask users; only with --first-party' },
    'resource-server': { type: 'boolean', help: 'may introspect tokens of other clients' },
  },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const provider = oauth2Provider(open);
    const grants = options.grant.map(readGrant);
    // A resource server only asks; it needs tokens of its own only if somebody says so.
    const usual: GrantType[] = options['resource-server'] ? [] : ['authorization_code', 'refresh_token'];
    const owner = options.owner === undefined ? null : await userNamed(open, options.owner);
    const clientId = options['client-id'];
    if (clientId !== undefined && (await findClient(db(open), clientId)) !== null) {
      throw new CommandError(`there is a client with the id ${clientId} already`);
    }
    const { client, secret } = await createClient(db(open), provider, {
      name: args.name,
      clientType: options.public ? 'public' : 'confidential',
      grants: grants.length === 0 ? usual : grants,
      redirectUris: options['redirect-uri'],
      postLogoutRedirectUris: options['post-logout-redirect-uri'],
      idTokenAlgorithm: options['id-token-algorithm'] ?? null,
      owner,
      firstParty: options['first-party'],
      skipConsent: options['skip-consent'],
      isResourceServer: options['resource-server'],
      ...(options.scope.length > 0 && { scopes: options.scope }),
      ...(clientId !== undefined && { clientId }),
    }).catch((error: unknown) => {
      throw error instanceof ImproperlyConfigured ? new CommandError(error.message) : error;
    });
    stdout(`client_id: ${client.clientId}`);
    if (secret !== null) stdout(`client_secret: ${secret}`);
  },
});

function readGrant(name: string): GrantType {
  const grant = name === 'device_code' ? DEVICE_GRANT : name;
  if (!(grantTypes as readonly string[]).includes(grant)) {
    throw new CommandError(`${name} is no grant; there are ${grantTypes.join(', ')}`);
  }
  return grant as GrantType;
}
