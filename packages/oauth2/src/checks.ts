import { checkProviderUrls } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { dataSource } from '@rf/orm';
import type { Check, CheckMessage } from '@rf/project';
import { AllowAny, type Site } from '@rf/views';
import type { ResolvedOAuth2Options } from './options.ts';
import { redirectUriProblem } from './redirect-uri.ts';

/** What `rf check` says of the provider. */
export function oauth2Checks(options: ResolvedOAuth2Options): Check {
  return (project) => {
    const found: (CheckMessage | false)[] = [
      ...checkProviderUrls(project, { label: 'oauth2', loginUrl: options.loginUrl, noLoginId: 'oauth2.E003' }),
      options.allowPasswordGrant && {
        id: 'oauth2.W003',
        level: 'warning',
        message: 'oauth2() allows the password grant, which RFC 9700, section 2.4, forbids: clients see passwords.',
        hint: 'Use the authorization code or the device grant, and leave allowPasswordGrant out.',
      },
      options.issuer === null && {
        id: 'oauth2.E001',
        level: 'error',
        deploy: true,
        message: 'oauth2() has no issuer: it repeats whatever host a request names.',
        hint: "Write issuer: 'https://api.example.com' in oauth2().",
      },
      options.issuer?.startsWith('http:') === true && {
        id: 'oauth2.E002',
        level: 'error',
        deploy: true,
        message: `The issuer of oauth2(), ${options.issuer}, is http: tokens and codes would travel in clear.`,
        hint: 'Serve it over https: behind a proxy that ends TLS, set settings.trustedProxies and redirect http.',
      },
      options.resource?.startsWith('http:') === true && {
        id: 'oauth2.E010',
        level: 'error',
        deploy: true,
        message: `The resource of oauth2(), ${options.resource}, is http: tokens would travel to it in clear.`,
        hint: 'Serve it over https, and write its https address.',
      },
      options.selfServiceGrants.includes('client_credentials') && {
        id: 'oauth2.W010',
        level: 'warning',
        deploy: true,
        message: 'oauth2() lets anybody register an application that gets tokens with any scope for itself.',
        hint: 'Leave client_credentials out of selfServiceGrants; make such clients with rf create-oauth2-client.',
      },
      !options.pkceRequired && {
        id: 'oauth2.W004',
        level: 'warning',
        deploy: true,
        message: 'oauth2() lets confidential clients leave PKCE out.',
        hint: 'Leave pkceRequired out.',
      },
      options.bodyTokens && {
        id: 'oauth2.W005',
        level: 'warning',
        deploy: true,
        message: 'oauth2() takes access tokens from form bodies.',
        hint: 'Leave bodyTokens out: clients send the Authorization header.',
      },
      isOpen(options) && {
        id: 'oauth2.W006',
        level: 'warning',
        deploy: true,
        message: 'oauth2() lets anybody on the network register clients.',
        hint: 'Leave registration.permissionClasses out, or run clear-oauth2-clients daily.',
      },
      options.clientIdMetadataDocuments?.allowPrivateNetworks === true && {
        id: 'oauth2.W007',
        level: 'warning',
        deploy: true,
        message:
          'oauth2() fetches documents of clients from private networks: whoever is logged in can ask hosts there.',
        hint: 'Leave clientIdMetadataDocuments.allowPrivateNetworks out, or name hosts beside it.',
      },
    ];
    return found.filter((message) => message !== false);
  };
}

/** Whether clients may be registered without a login. */
const isOpen = ({ registration }: ResolvedOAuth2Options): boolean =>
  registration !== null && registration.permissionClasses.every((type) => type === AllowAny);

/** Throws ImproperlyConfigured when a redirect URI that may not be was written past our checks into the table. */
export async function refuseBadRedirectUris(site: Site): Promise<void> {
  const source = dataSource(site);
  // Before the first migration there is no table to look at.
  const [table]: { name: string | null }[] = await source.query("SELECT to_regclass('oauth2_client')::text AS name");
  if (table?.name === null) return;
  const clients: { client_id: string; redirect_uris: string[] }[] = await source.query(
    'SELECT client_id, redirect_uris FROM oauth2_client WHERE active',
  );
  for (const { client_id: clientId, redirect_uris: uris } of clients) {
    for (const uri of uris) {
      const problem = redirectUriProblem(uri);
      if (problem === null) continue;
      throw new ImproperlyConfigured(
        `The OAuth2 client ${clientId} has the redirect URI ${JSON.stringify(uri)}, which ${problem}. Correct redirect_uris ` +
          `in its row of oauth2_client, or set its active to false.`,
      );
    }
  }
}
