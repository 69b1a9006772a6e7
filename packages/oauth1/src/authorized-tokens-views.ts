import { connectedApplicationsBody } from '@rf/auth';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import { IsNull } from 'typeorm';
import { OAuth1AccessToken } from './access-token.ts';
import { PageView } from './page-view.ts';

/** Consumers that hold something live of the user, with all scopes of it. */
const AUTHORIZED_CONSUMERS = `
  SELECT c.id, c.name, string_agg(DISTINCT t.scope, ' ') AS scope
  FROM oauth1_consumer c JOIN oauth1_access_token t ON t.consumer_id = c.id
  WHERE t.user_id = $1 AND t.revoked_at IS NULL AND (t.expires IS NULL OR t.expires > $2)
  GROUP BY c.id ORDER BY c.name, c.id`;

/** `authorized_tokens/`: which applications may act for the user. */
export class AuthorizedTokensView extends PageView {
  override name = 'Connected applications';

  override async get(request: Request): Promise<HttpResponse> {
    const user = await this.requireUser(request);
    const rows: { id: string; name: string; scope: string }[] = await db(request).query(AUTHORIZED_CONSUMERS, [
      user.id,
      this.provider.now(),
    ]);
    const consumers = rows.map(({ id, name, scope }) => ({
      name,
      scope,
      disconnectUrl: this.pathOf('authorized-token-delete', { id }),
    }));
    return this.show(this.name, connectedApplicationsBody(consumers, this.csrfInput));
  }
}

/** `authorized_tokens/:id/delete/`: ends what the user allowed one application. */
export class AuthorizedTokenDeleteView extends PageView {
  override name = 'Disconnect an application';

  override async post(request: Request): Promise<HttpResponse> {
    const list = this.pathOf('authorized-tokens');
    const user = await this.requireUser(request, list);
    const which = { user: { id: user.id }, consumer: { id: this.params.id as string }, revokedAt: IsNull() };
    await this.provider.alone((manager) =>
      manager.update(OAuth1AccessToken, which, { revokedAt: this.provider.now() }),
    );
    return new HttpResponseRedirect(list);
  }
}
