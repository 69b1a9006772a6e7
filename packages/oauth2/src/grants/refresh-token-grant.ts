import { hashOpaqueToken, makeOpaqueToken, opaqueTokenOf } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { OAuth2Error } from '../oauth2-error.ts';
import { tokenPrefixes } from '../token-prefix.ts';
import type { OAuth2Provider } from '../provider.ts';
import { OAuth2RefreshToken } from '../refresh-token.ts';
import { parseScope, scopeNames } from '../scope.ts';
import { lockFamily, revokeFamily } from '../token-family.ts';
import type { Issue } from '../issue.ts';
import { issueTokens, later, type TokenResponse } from '../token-issuer.ts';
import { type GrantRequest, invalidGrant, unlessRefused } from './grant.ts';

/**
 * `grant_type=refresh_token` (RFC 6749, section 6), with rotation: each token is good for one use, and a second use of it
 * ends its family (RFC 9700, section 4.14.2).
 */
export async function refreshTokenGrant(grant: GrantRequest): Promise<TokenResponse> {
  const text = grant.params.require('refresh_token');
  return unlessRefused(await grant.provider.alone((manager) => rotate(manager, grant, text)));
}

async function rotate(manager: EntityManager, grant: GrantRequest, text: string): Promise<TokenResponse | OAuth2Error> {
  const { provider, client, params } = grant;
  const tokenHash = hashOpaqueToken(text);
  const found = await manager.findOne(OAuth2RefreshToken, { where: { tokenHash }, relations: { client: true } });
  if (found === null || found.client.id !== client.id) return invalidGrant();
  await lockFamily(manager, found.family);

  // Read again: of two requests that come at once, the second sees here what the first one did.
  const token = await manager.findOne(OAuth2RefreshToken, { where: { id: found.id }, relations: { user: true } });
  const now = provider.now();
  if (token === null || token.revokedAt !== null || !token.user.isActive) return invalidGrant();
  const successor = token.usedAt === null ? null : await unusedSuccessor(manager, provider, token, text);
  if (token.usedAt !== null && successor === null) {
    await revokeFamily(manager, token.family, now);
    provider.site.logger.warn({ scheme: 'oauth2', client: client.clientId }, 'A refresh token was used again');
    return invalidGrant();
  }
  if (now >= token.expires || now >= token.absoluteExpires) return invalidGrant();
  const allowed = await provider.scopesFor(client, token.user, grant.request);
  const scope = narrowScope(token, params.get('scope'), allowed);
  if (scope === null) return new OAuth2Error('invalid_scope');
  const resources = provider.narrowResources(token.resources, params.getAll('resource'), grant.request);
  const issue: Issue = {
    client,
    user: token.user,
    scope,
    resources,
    family: token.family,
    grantType: 'refresh_token',
    authenticatedAt: token.authenticatedAt,
    nonce: null,
  };
  if (successor !== null) return issueAgain(manager, grant, issue, successor);

  await manager.update(OAuth2RefreshToken, { id: token.id }, { usedAt: now });
  return issueTokens(manager, provider, grant.request, issue, {
    // A narrower access token does not narrow what can be refreshed (RFC 6749, section 6; RFC 8707, section 2.2).
    scope: scopeNames(token.scope),
    resources: token.resources,
    parent: token,
    text: successorsOf(provider, text)[0],
    absoluteExpires: token.absoluteExpires,
  });
}

/** The scope asked for, or all that was granted and the client still may; null when it is too much or nothing. */
function narrowScope(
  token: OAuth2RefreshToken,
  requested: string | null,
  allowed: readonly string[],
): readonly string[] | null {
  const granted = scopeNames(token.scope);
  const asked = requested === null ? granted : parseScope(requested);
  if (asked === null || asked.some((name) => !granted.includes(name))) return null;
  const scope = asked.filter((name) => allowed.includes(name));
  return scope.length === 0 ? null : scope;
}

/**
 * The text of the successor. Where a predecessor may be repeated, it follows from the predecessor and the secret key, since
 * the table keeps hashes only; else it is random.
 */
function successorsOf(provider: OAuth2Provider, text: string): readonly [string, ...string[]] {
  const prefix = tokenPrefixes.refreshToken;
  if (provider.options.refreshGraceSeconds === 0) return [makeOpaqueToken(prefix)];
  const [first, ...former] = provider.keyedHashes('refresh token', text);
  return [opaqueTokenOf(prefix, first), ...former.map((digest) => opaqueTokenOf(prefix, digest))];
}

/** The successor's text if the grace period runs and nobody has used it yet (W14); null otherwise. */
async function unusedSuccessor(
  manager: EntityManager,
  provider: OAuth2Provider,
  token: OAuth2RefreshToken,
  text: string,
): Promise<string | null> {
  const { refreshGraceSeconds } = provider.options;
  const usedAt = token.usedAt as Date;
  if (refreshGraceSeconds === 0 || provider.now() >= later(usedAt, refreshGraceSeconds)) return null;
  const successor = await manager.findOneBy(OAuth2RefreshToken, { parent: { id: token.id } });
  if (successor === null || successor.usedAt !== null || successor.revokedAt !== null) return null;
  return successorsOf(provider, text).find((made) => hashOpaqueToken(made) === successor.tokenHash) ?? null;
}

/** A new access token beside the successor that exists already. */
async function issueAgain(
  manager: EntityManager,
  { provider, request }: GrantRequest,
  issue: Issue,
  successor: string,
): Promise<TokenResponse> {
  const answer = await issueTokens(manager, provider, request, issue);
  return { ...answer, refresh_token: successor };
}
