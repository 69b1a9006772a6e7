import { hashOpaqueToken, makeOpaqueToken } from '@rf/auth';
import type { Request } from '@rf/views';
import { type EntityManager, IsNull } from 'typeorm';
import { OAuth2AccessToken } from './access-token.ts';
import { OAuth2Client } from './client.ts';
import type { Issue } from './issue.ts';
import { tokenPrefixes } from './token-prefix.ts';
import type { OAuth2Provider } from './provider.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';
import { formatScope } from './scope.ts';

/** What the token endpoint answers (RFC 6749, section 5.1), beside the members that extensions add. */
export interface TokenResponse {
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: 'Bearer';
  readonly scope: string;
  readonly refresh_token?: string;
}

/** A refresh token that is made along with an access token. */
export interface RefreshIssue {
  readonly scope: readonly string[];
  readonly resources: readonly string[];
  readonly parent: OAuth2RefreshToken | null;
  /** The token itself. */
  readonly text: string;
  readonly absoluteExpires: Date;
}

/** Makes an access token, and a refresh token if one is given, and tells the project. */
export async function issueTokens(
  manager: EntityManager,
  provider: OAuth2Provider,
  request: Request,
  issue: Issue,
  refresh: RefreshIssue | null = null,
): Promise<TokenResponse> {
  const { client, user, family, grantType, authenticatedAt } = issue;
  const resources = [...issue.resources];
  const { lifetimes, onIssue } = provider.options;
  const now = provider.now();
  const scope = formatScope(issue.scope);
  const text = makeOpaqueToken(tokenPrefixes.accessToken);

  await manager.insert(OAuth2AccessToken, {
    tokenHash: hashOpaqueToken(text),
    client,
    user,
    scope,
    resources,
    family,
    expires: later(now, lifetimes.accessToken),
    revokedAt: null,
    created: now,
    lastUsed: null,
  });
  if (refresh !== null && user !== null) {
    const idle = later(now, lifetimes.refreshToken);
    await manager.insert(OAuth2RefreshToken, {
      tokenHash: hashOpaqueToken(refresh.text),
      client,
      user,
      scope: formatScope(refresh.scope),
      resources: [...refresh.resources],
      family,
      parent: refresh.parent,
      authenticatedAt,
      expires: idle < refresh.absoluteExpires ? idle : refresh.absoluteExpires,
      absoluteExpires: refresh.absoluteExpires,
      usedAt: null,
      revokedAt: null,
      created: now,
    });
  }
  if (client.source === 'registration' && client.firstUsed === null) {
    await manager.update(OAuth2Client, { id: client.id, firstUsed: IsNull() }, { firstUsed: now });
  }
  await onIssue?.({ clientId: client.clientId, user, scope, resources, grantType }, request);
  const members = await Promise.all(
    provider.extensions.map((extension) => extension.tokenMembers?.(issue, text, request)),
  );
  return {
    ...Object.assign({}, ...members),
    access_token: text,
    expires_in: lifetimes.accessToken,
    token_type: 'Bearer',
    scope,
    ...(refresh !== null && { refresh_token: refresh.text }),
  };
}

/**
 * The first refresh token of a family; null for a client that may not refresh.
 *
 * @param resources what the authorization is bound to; default as the access token
 */
export function firstRefresh(
  provider: OAuth2Provider,
  { client, scope, ...issue }: Issue,
  resources: readonly string[] = issue.resources,
): RefreshIssue | null {
  if (!client.allows('refresh_token')) return null;
  return {
    scope,
    resources,
    parent: null,
    text: makeOpaqueToken(tokenPrefixes.refreshToken),
    absoluteExpires: later(provider.now(), provider.options.lifetimes.refreshFamily),
  };
}

/** `seconds` after `moment`. */
export const later = (moment: Date, seconds: number): Date => new Date(moment.getTime() + seconds * 1000);
