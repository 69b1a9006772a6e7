import { hashOpaqueToken } from '@rf/auth';
import { HttpResponse, type Request } from '@rf/views';
import type { EntityManager } from 'typeorm';
import { OAuth2AccessToken } from './access-token.ts';
import type { OAuth2Client } from './client.ts';
import { readForm } from './parameters.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';
import { OAuth2RefreshToken } from './refresh-token.ts';
import { lockFamily, revokeFamily } from './token-family.ts';

/**
 * The revocation endpoint (RFC 7009). Answers 200 whether or not there was something to revoke; a client can end only what
 * was issued to it. A refresh token takes the tokens of its family along.
 */
export class RevokeTokenView extends OAuth2ProtocolView {
  override name = 'Revoke token';

  override async post(request: Request): Promise<HttpResponse> {
    const params = readForm(request);
    const client = await this.authenticateClient(request, params);
    // Its prefix says what a token is, so token_type_hint is not needed.
    const tokenHash = hashOpaqueToken(params.require('token'));
    await this.provider.alone((manager) => revoke(manager, client, tokenHash, this.provider.now()));
    return new HttpResponse(null);
  }
}

async function revoke(manager: EntityManager, client: OAuth2Client, tokenHash: string, now: Date): Promise<void> {
  const whose = { tokenHash, client: { id: client.id } };
  const refresh = await manager.findOneBy(OAuth2RefreshToken, whose);
  if (refresh !== null) {
    await lockFamily(manager, refresh.family);
    await revokeFamily(manager, refresh.family, now);
    return;
  }
  const access = await manager.findOneBy(OAuth2AccessToken, whose);
  if (access !== null && access.revokedAt === null) {
    await manager.update(OAuth2AccessToken, { id: access.id }, { revokedAt: now });
  }
}
