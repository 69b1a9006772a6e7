import { hashOpaqueToken } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { OAuth2Code } from '../authorization-code.ts';
import type { OAuth2Error } from '../oauth2-error.ts';
import { provesCodeChallenge } from '../pkce.ts';
import { scopeNames } from '../scope.ts';
import { lockFamily, revokeFamily } from '../token-family.ts';
import type { Issue } from '../issue.ts';
import { firstRefresh, issueTokens, type TokenResponse } from '../token-issuer.ts';
import { type GrantRequest, invalidGrant, unlessRefused } from './grant.ts';

/** `grant_type=authorization_code` (RFC 6749, section 4.1.3; RFC 7636, section 4.5). */
export async function authorizationCodeGrant(grant: GrantRequest): Promise<TokenResponse> {
  const codeHash = hashOpaqueToken(grant.params.require('code'));
  return unlessRefused(await grant.provider.alone((manager) => redeem(manager, grant, codeHash)));
}

async function redeem(
  manager: EntityManager,
  { request, provider, client, params }: GrantRequest,
  codeHash: string,
): Promise<TokenResponse | OAuth2Error> {
  const found = await manager.findOne(OAuth2Code, { where: { codeHash }, relations: { client: true } });
  if (found === null || found.client.id !== client.id) return invalidGrant();
  await lockFamily(manager, found.family);

  // Read again: whoever held the family before may have used the code.
  const code = await manager.findOne(OAuth2Code, { where: { id: found.id }, relations: { user: true } });
  if (code === null) return invalidGrant();
  const now = provider.now();
  if (code.usedAt !== null) {
    await revokeFamily(manager, code.family, now);
    provider.site.logger.warn({ scheme: 'oauth2', client: client.clientId }, 'An authorization code was used again');
    return invalidGrant();
  }
  if (now >= code.expires || !code.user.isActive) return invalidGrant();
  if (!isSameRedirect(params.get('redirect_uri'), code.redirectUri, client.redirectUris)) return invalidGrant();
  if (!provesCodeChallenge(code.challenge, params.get('code_verifier'))) return invalidGrant();
  const resources = provider.narrowResources(code.resources, params.getAll('resource'), request);

  await manager.update(OAuth2Code, { id: code.id }, { usedAt: now });
  // What the client lost since is not given.
  const allowed = await provider.scopesFor(client, code.user, request);
  const scope = scopeNames(code.scope).filter((name) => allowed.includes(name));
  if (scope.length === 0) return invalidGrant();
  const { user, family, authenticatedAt, nonce } = code;
  const issue: Issue = {
    client,
    user,
    scope,
    resources,
    family,
    grantType: 'authorization_code',
    authenticatedAt,
    nonce,
  };
  return issueTokens(manager, provider, request, issue, firstRefresh(provider, issue, code.resources));
}

/** The redirect URI must be the one of the authorization request; if that had none, none is needed. */
function isSameRedirect(given: string | null, asked: string | null, registered: readonly string[]): boolean {
  if (asked !== null) return given === asked;
  return given === null || (registered.length === 1 && given === registered[0]);
}
