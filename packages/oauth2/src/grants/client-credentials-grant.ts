import { randomUUID } from 'node:crypto';
import { OAuth2Error } from '../oauth2-error.ts';
import { issueTokens, type TokenResponse } from '../token-issuer.ts';
import type { GrantRequest } from './grant.ts';

/** `grant_type=client_credentials` (RFC 6749, section 4.4): for confidential clients, without a refresh token. */
export async function clientCredentialsGrant({
  request,
  provider,
  client,
  params,
}: GrantRequest): Promise<TokenResponse> {
  if (client.isPublic) throw new OAuth2Error('unauthorized_client');
  const resources = provider.resolveResources(params.getAll('resource'), request);
  const user = provider.options.clientCredentialsUser === 'owner' ? client.owner : null;
  if (user !== null && !user.isActive) throw new OAuth2Error('unauthorized_client');
  const allowed = await provider.scopesFor(client, user, request);
  const scope = provider.resolveScope(params.get('scope'), client, allowed);
  return provider.alone((manager) =>
    issueTokens(manager, provider, request, {
      client,
      user,
      scope,
      resources,
      family: randomUUID(),
      grantType: 'client_credentials',
      authenticatedAt: null,
      nonce: null,
    }),
  );
}
