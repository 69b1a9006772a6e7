import { connectedApplicationsBody } from '@rf/auth';
import { Http404 } from '@rf/exceptions';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import { OAuth2Client } from './client.ts';
import { PageView } from './page-view.ts';
import { revokeAuthorizations } from './token-family.ts';

/** Clients that hold something live of the user, with all scopes of it. */
const AUTHORIZED_CLIENTS = `
  SELECT c.id, c.name, string_agg(DISTINCT live.scope, ' ') AS scope
  FROM oauth2_client c JOIN (
    SELECT client_id, scope FROM oauth2_access_token WHERE user_id = $1 AND revoked_at IS NULL AND expires > $2
    UNION ALL SELECT client_id, scope FROM oauth2_refresh_token
      WHERE user_id = $1 AND revoked_at IS NULL AND used_at IS NULL AND expires > $2
    UNION ALL SELECT client_id, scope FROM oauth2_consent WHERE user_id = $1
  ) live ON live.client_id = c.id
  GROUP BY c.id ORDER BY c.name, c.id`;

/** `authorized_tokens/`: which applications may act for the user (OA28). */
export class AuthorizedTokensView extends PageView {
  override name = 'Connected applications';

  override async get(request: Request): Promise<HttpResponse> {
    const user = await this.requireUser(request);
    const rows: { id: string; name: string; scope: string }[] = await db(request).query(AUTHORIZED_CLIENTS, [
      user.id,
      this.provider.now(),
    ]);
    const clients = rows.map(({ id, name, scope }) => ({
      name,
      scope,
      disconnectUrl: this.pathOf('authorized-token-delete', { id }),
    }));
    return this.show(this.name, connectedApplicationsBody(clients, this.csrfInput));
  }
}

/** `authorized_tokens/:id/delete/`: ends what the user allowed one application. */
export class AuthorizedTokenDeleteView extends PageView {
  override name = 'Disconnect an application';

  override async post(request: Request): Promise<HttpResponse> {
    const list = this.pathOf('authorized-tokens');
    const user = await this.requireUser(request, list);
    const client = await db(request).findOneBy(OAuth2Client, { id: this.params.id as string });
    if (client === null) throw new Http404();
    await this.provider.alone((manager) => revokeAuthorizations(manager, user, client, this.provider.now()));
    return new HttpResponseRedirect(list);
  }
}
