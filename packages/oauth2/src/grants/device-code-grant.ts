import { hashOpaqueToken } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { OAuth2DeviceCode } from '../device-code.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import { scopeNames } from '../scope.ts';
import { lockFamily } from '../token-family.ts';
import type { Issue } from '../issue.ts';
import { firstRefresh, issueTokens, later, type TokenResponse } from '../token-issuer.ts';
import { type GrantRequest, invalidGrant, unlessRefused } from './grant.ts';

/** Seconds that `slow_down` adds to the interval (RFC 8628, section 3.5). */
const SLOW_DOWN_SECONDS = 5;

/** `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628, section 3.4). */
export async function deviceCodeGrant(grant: GrantRequest): Promise<TokenResponse> {
  const deviceCodeHash = hashOpaqueToken(grant.params.require('device_code'));
  return unlessRefused(await grant.provider.alone((manager) => poll(manager, grant, deviceCodeHash)));
}

async function poll(
  manager: EntityManager,
  { request, provider, client, params }: GrantRequest,
  deviceCodeHash: string,
): Promise<TokenResponse | OAuth2Error> {
  const found = await manager.findOne(OAuth2DeviceCode, { where: { deviceCodeHash }, relations: { client: true } });
  if (found === null || found.client.id !== client.id) return invalidGrant();
  await lockFamily(manager, found.family);

  const code = await manager.findOne(OAuth2DeviceCode, { where: { id: found.id }, relations: { user: true } });
  const now = provider.now();
  if (code === null || code.usedAt !== null) return invalidGrant();
  if (now >= code.expires) return new OAuth2Error('expired_token');
  if (code.deniedAt !== null) return new OAuth2Error('access_denied');
  const resources = provider.narrowResources(code.resources, params.getAll('resource'), request);

  const tooEarly = code.lastPolled !== null && now < later(code.lastPolled, code.pollSeconds);
  const pollSeconds = code.pollSeconds + (tooEarly ? SLOW_DOWN_SECONDS : 0);
  await manager.update(OAuth2DeviceCode, { id: code.id }, { lastPolled: now, pollSeconds });
  if (tooEarly) return new OAuth2Error('slow_down');
  if (code.allowedAt === null || code.user === null) return new OAuth2Error('authorization_pending');
  if (!code.user.isActive) return invalidGrant();

  await manager.update(OAuth2DeviceCode, { id: code.id }, { usedAt: now });
  const allowed = await provider.scopesFor(client, code.user, request);
  const scope = scopeNames(code.scope).filter((name) => allowed.includes(name));
  if (scope.length === 0) return invalidGrant();
  const issue: Issue = {
    client,
    user: code.user,
    scope,
    resources,
    family: code.family,
    grantType: 'urn:ietf:params:oauth:grant-type:device_code',
    authenticatedAt: code.authenticatedAt,
    nonce: null,
  };
  return issueTokens(manager, provider, request, issue, firstRefresh(provider, issue, code.resources));
}
