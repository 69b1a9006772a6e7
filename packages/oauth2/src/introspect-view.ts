import { hashOpaqueToken } from '@rf/auth';
import { db } from '@rf/orm';
import { isRepeated, type Request } from '@rf/views';
import { OAuth2AccessToken } from './access-token.ts';
import { type Challenge, formatChallenge } from './challenge.ts';
import type { OAuth2Client } from './client.ts';
import { invalidClient } from './client-credentials.ts';
import { OAuth2Error } from './oauth2-error.ts';
import { type Parameters, readForm } from './parameters.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';
import { hasResource } from './resource-indicator.ts';
import { INTROSPECTION_SCOPE } from './scope.ts';

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
  /** The resources that the token is bound to (RFC 8707); left out for none. */
  readonly aud?: readonly string[];
  /** Left out while the project names no issuer. */
  readonly iss?: string;
}

/**
 * The introspection endpoint (RFC 7662), for confidential clients, and for tokens with the scope `introspection`: a client learns
 * of its own tokens, a resource server of the access tokens of all. Anything else is inactive, and nothing more is told.
 */
export class IntrospectView extends OAuth2ProtocolView {
  override name = 'Introspect token';

  override async post(request: Request): Promise<Introspection | { readonly active: false }> {
    const params = readForm(request);
    const caller = await this.authenticateCaller(request, params);
    const tokenHash = hashOpaqueToken(params.require('token'));
    const access = await this.findAccessToken(tokenHash, caller);
    if (access !== null || caller.isResourceServer) return access ?? { active: false };
    return (await this.findRefreshToken(tokenHash, caller)) ?? { active: false };
  }

  /** The client that asks, or whose token asks (RFC 7662, section 2.1). Throws OAuth2Error. */
  private async authenticateCaller(request: Request, params: Parameters): Promise<OAuth2Client> {
    const [, bearer] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (bearer === undefined || isRepeated(request, 'authorization')) {
      const client = await this.authenticateClient(request, params);
      if (client.isPublic) throw invalidClient();
      return client;
    }
    if (params.get('client_secret') !== null) {
      throw new OAuth2Error('invalid_request', 'Two client authentication methods were used at once.');
    }
    const token = await db(this.site).findOne(OAuth2AccessToken, {
      where: { tokenHash: hashOpaqueToken(bearer) },
      relations: { client: true, user: true },
    });
    if (token === null || !this.isLive(token)) throw this.refusal(401, { error: 'invalid_token' });
    const { resources } = token;
    if (resources.length > 0 && !hasResource(resources, this.provider.resource(request))) {
      throw this.refusal(401, { error: 'invalid_token' });
    }
    if (!token.allowScopes([INTROSPECTION_SCOPE])) {
      throw this.refusal(403, { error: 'insufficient_scope', scope: INTROSPECTION_SCOPE });
    }
    return token.client;
  }

  private refusal(status: number, challenge: Required<Pick<Challenge, 'error'>> & Challenge): OAuth2Error {
    return new OAuth2Error(challenge.error, null, {
      status,
      challenge: formatChallenge('Bearer', this.realm, challenge),
    });
  }

  private async findAccessToken(tokenHash: string, caller: OAuth2Client): Promise<Introspection | null> {
    const token = await db(this.site).findOne(OAuth2AccessToken, {
      where: { tokenHash },
      relations: { client: true, user: true },
    });
    if (token === null || !this.isLive(token) || !(caller.isResourceServer || token.client.id === caller.id))
      return null;
    return { ...this.describe(token), token_type: 'Bearer' };
  }

  /** Only its own client learns of a refresh token, and only if it serves no resources: it must not take it for an access token. */
  private async findRefreshToken(tokenHash: string, caller: OAuth2Client): Promise<Introspection | null> {
    const token = await db(this.site).findOne(OAuth2RefreshToken, {
      where: { tokenHash },
      relations: { client: true, user: true },
    });
    if (token === null || !this.isLive(token) || token.client.id !== caller.id || token.usedAt !== null) return null;
    return this.describe(token);
  }

  private isLive({ revokedAt, expires, client, user }: OAuth2AccessToken | OAuth2RefreshToken): boolean {
    return revokedAt === null && this.provider.now() < expires && client.active && (user === null || user.isActive);
  }

  private describe(token: OAuth2AccessToken | OAuth2RefreshToken): Introspection {
    const { scope, resources, client, user, expires, created } = token;
    const { issuer } = this.provider.options;
    return {
      active: true,
      scope,
      client_id: client.clientId,
      ...(user !== null && { username: user.getUsername() }),
      exp: seconds(expires),
      iat: seconds(created),
      ...(resources.length > 0 && { aud: resources }),
      ...(issuer !== null && { iss: issuer }),
    };
  }
}

const seconds = (moment: Date): number => Math.floor(moment.getTime() / 1000);
