import { randomUUID } from 'node:crypto';
import { authenticate, throttleLogin } from '@rf/auth';
import { OAuth2Error } from '../oauth2-error.ts';
import type { Issue } from '../issue.ts';
import { firstRefresh, issueTokens, type TokenResponse } from '../token-issuer.ts';
import { type GrantRequest, invalidGrant } from './grant.ts';

/**
 * `grant_type=password` (RFC 6749, section 4.3), which RFC 9700, section 2.4, forbids: only where the project has switched it on,
 * for confidential clients that have it among their grants. Attempts are counted before a password is hashed.
 */
export async function passwordGrant({ request, provider, client, params }: GrantRequest): Promise<TokenResponse> {
  if (client.isPublic) throw new OAuth2Error('unauthorized_client');
  const username = params.require('username');
  const password = params.require('password');
  // Before the password is looked at: what the client may never have.
  provider.resolveScope(params.get('scope'), client);
  const resources = provider.resolveResources(params.getAll('resource'), request);
  await throttleLogin(request, username);
  const user = await authenticate(request, { username, password });
  if (user === null || !user.isActive || !(await provider.options.mayUsePasswordGrant(user, request))) {
    throw invalidGrant('Invalid credentials given.');
  }
  const allowed = await provider.scopesFor(client, user, request);
  const scope = provider.resolveScope(params.get('scope'), client, allowed);
  const issue: Issue = {
    client,
    user,
    scope,
    resources,
    family: randomUUID(),
    grantType: 'password',
    authenticatedAt: null,
    nonce: null,
  };
  return provider.alone((manager) => issueTokens(manager, provider, request, issue, firstRefresh(provider, issue)));
}
