import { type App, defineApp } from '@rf/project';
import { OAuth2AccessToken } from './access-token.ts';
import { OAuth2Code } from './authorization-code.ts';
import { oauth2Checks, refuseBadRedirectUris } from './checks.ts';
import { OAuth2Client } from './client.ts';
import { DocumentClients, documentClientsResource } from './client-metadata/document-clients.ts';
import { clearOAuth2Clients } from './commands/clear-oauth2-clients.ts';
import { clearOAuth2Tokens } from './commands/clear-oauth2-tokens.ts';
import { createOAuth2Client } from './commands/create-oauth2-client.ts';
import { revokeUserTokens } from './commands/revoke-user-tokens.ts';
import { rotateClientSecretCommand } from './commands/rotate-client-secret.ts';
import { OAuth2Consent } from './consent.ts';
import { OAuth2DeviceCode } from './device-code.ts';
import { OAuth20001Initial } from './migrations/0001-initial.ts';
import { OAuth20002Resources } from './migrations/0002-resources.ts';
import { OAuth20003SelfRegistration } from './migrations/0003-self-registration.ts';
import { OAuth20004OpenId } from './migrations/0004-openid.ts';
import { type OAuth2Options, resolveOAuth2Options } from './options.ts';
import { OAuth2Provider, oauth2Resource } from './provider.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';

/**
 * An OAuth 2.0 authorization server: put it after `auth()` among the apps of a project, and {@link oauth2Urls} among its URLs.
 *
 * ```ts
 * defineProject({
 *   apps: [auth(), oauth2({ scopes: { read: 'Read your books', write: 'Change your books' }, issuer: 'https://api.example.com' })],
 *   urls: [oauth2Urls('/oauth2/'), …],
 *   settings: { defaultAuthenticationClasses: [OAuth2Authentication] },
 *   …
 * });
 * ```
 *
 * Throws ImproperlyConfigured for options that cannot work. Opening the project throws it for a client whose redirect URI may
 * not be, a wildcard for instance.
 */
export function oauth2(options: OAuth2Options): App {
  const resolved = resolveOAuth2Options(options);
  return defineApp({
    label: 'oauth2',
    entities: [OAuth2Client, OAuth2Code, OAuth2AccessToken, OAuth2RefreshToken, OAuth2Consent, OAuth2DeviceCode],
    migrations: [OAuth20001Initial, OAuth20002Resources, OAuth20003SelfRegistration, OAuth20004OpenId],
    commands: [createOAuth2Client, rotateClientSecretCommand, clearOAuth2Tokens, clearOAuth2Clients, revokeUserTokens],
    checks: [oauth2Checks(resolved)],
    resources(site) {
      const provider = new OAuth2Provider(site, resolved);
      site.provide(oauth2Resource, provider);
      const { clientIdMetadataDocuments: documents } = resolved;
      if (documents !== null) site.provide(documentClientsResource, new DocumentClients(provider, documents));
    },
    async ready(site) {
      await refuseBadRedirectUris(site);
      if (resolved.allowPasswordGrant) {
        site.logger.warn({ app: 'oauth2' }, 'the password grant is on: clients see passwords (RFC 9700, section 2.4)');
      }
    },
  });
}
