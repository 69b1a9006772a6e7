import { hashOpaqueToken } from '@rf/auth';
import { db } from '@rf/orm';
import type { Request } from '@rf/views';
import { OAuth2AccessToken } from './access-token.ts';
import type { OAuth2Client } from './client.ts';
import { invalidClient } from './client-credentials.ts';
import { readForm } from './parameters.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';

/** What the endpoint tells of a live token (RFC 7662, section 2.2). */
export interface Introspection {
  readonly active: true;
  readonly scope: string;
  readonly client_id: string;
  /** Left out for a token without a user. */
  readonly username?: string;
  /** Only for access tokens. */
  readonly token_type?: 'Bearer';
  /** Seconds since 1970. */
  readonly exp: number;
  readonly iat: number;
}

/**
 * The introspection endpoint (RFC 7662), for confidential clients: about their own tokens, for resource servers about the
 * access tokens of all. Anything else is inactive, and nothing more is told.
 */
export class IntrospectView extends OAuth2ProtocolView {
  override name = 'Introspect token';

  override async post(request: Request): Promise<Introspection | { readonly active: false }> {
    const params = readForm(request);
    const caller = await this.authenticateClient(request, params);
    if (caller.isPublic) throw invalidClient();
    const tokenHash = hashOpaqueToken(params.require('token'));
    const found = (await this.findAccessToken(tokenHash, caller)) ?? (await this.findRefreshToken(tokenHash, caller));
    return found ?? { active: false };
  }

  private async findAccessToken(tokenHash: string, caller: OAuth2Client): Promise<Introspection | null> {
    const token = await db(this.site).findOne(OAuth2AccessToken, {
      where: { tokenHash },
      relations: { client: true, user: true },
    });
    if (token === null || !this.isLive(token) || !(caller.isResourceServer || token.client.id === caller.id))
      return null;
    return { ...describe(token), token_type: 'Bearer' };
  }

  /** Only its own client learns of a refresh token: a resource server must not take it for an access token. */
  private async findRefreshToken(tokenHash: string, caller: OAuth2Client): Promise<Introspection | null> {
    const token = await db(this.site).findOne(OAuth2RefreshToken, {
      where: { tokenHash },
      relations: { client: true, user: true },
    });
    if (token === null || !this.isLive(token) || token.client.id !== caller.id || token.usedAt !== null) return null;
    return describe(token);
  }

  private isLive({ revokedAt, expires, client, user }: OAuth2AccessToken | OAuth2RefreshToken): boolean {
    return revokedAt === null && this.provider.now() < expires && client.active && (user === null || user.isActive);
  }
}

function describe({ scope, client, user, expires, created }: OAuth2AccessToken | OAuth2RefreshToken): Introspection {
  return {
    active: true,
    scope,
    client_id: client.clientId,
    ...(user !== null && { username: user.getUsername() }),
    exp: seconds(expires),
    iat: seconds(created),
  };
}

const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
