import { isUser } from '@rf/auth';
import { NotFound, PermissionDenied } from '@rf/exceptions';
import { db } from '@rf/orm';
import { CharField, IntegerField, ListField, Serializer } from '@rf/serializers';
import {
  APIView,
  type Awaitable,
  include,
  IsAuthenticated,
  type Params,
  path,
  permissionClasses,
  type Request,
  Response,
  type UrlInclude,
} from '@rf/views';
import { AccessToken } from './access-token.ts';
import { issueAccessToken, rotateAccessToken } from './issue-access-token.ts';

class NewAccessTokenSerializer extends Serializer {
  name = new CharField({ maxLength: 100 });
  scopes = new ListField({ child: new CharField({ maxLength: 100 }), required: false });
  lifetime = new IntegerField({ minValue: 1, required: false, helpText: 'Seconds until the token ends.' });
}

/** How a token is shown: everything but itself. */
function describe(token: AccessToken) {
  const { id, name, prefix, abilities, created, expires, lastUsed } = token;
  return { id, name, prefix, scopes: abilities, created, expires, lastUsed };
}

/** The caller's own tokens. A token may not manage tokens, or a narrow one could make itself a wide one. */
@permissionClasses(IsAuthenticated)
abstract class OwnTokens extends APIView {
  override async checkPermissions(request: Request): Promise<void> {
    await super.checkPermissions(request);
    if (!isUser(request.user) || request.auth instanceof AccessToken) throw new PermissionDenied();
  }

  protected async find(request: Request, params: Params): Promise<AccessToken> {
    const id = /^\d{1,9}$/.test(params.id ?? '') ? Number(params.id) : 0;
    const token = await db(request).findOneBy(AccessToken, { id, user: { id: Number(request.user.id) } });
    if (token === null) throw new NotFound();
    return token;
  }
}

/** GET lists the caller's tokens; POST `name`, `scopes`, `lifetime` makes one and shows it, once. */
export class AccessTokenListView extends OwnTokens {
  override async get(request: Request): Promise<unknown> {
    const own = { user: { id: Number(request.user.id) } };
    return (await db(request).find(AccessToken, { where: own, order: { id: 'ASC' } })).map(describe);
  }

  override async post(request: Request): Promise<Response> {
    const serializer = new NewAccessTokenSerializer({ data: request.data, context: { request } });
    await serializer.isValid({ raise: true });
    const options = serializer.validatedData as { name: string; scopes?: string[]; lifetime?: number };
    const { token, text } = await issueAccessToken(request, { id: Number(request.user.id) }, options);
    return new Response({ ...describe(token), token: text }, { status: 201 });
  }
}

/** GET shows a token, DELETE revokes it. */
export class AccessTokenView extends OwnTokens {
  override get(request: Request, params: Params): Awaitable<unknown> {
    return this.find(request, params).then(describe);
  }

  override async delete(request: Request, params: Params): Promise<Response> {
    await db(request).delete(AccessToken, (await this.find(request, params)).id);
    return new Response(undefined, { status: 204 });
  }
}

/** POST replaces a token by a new one of the same name, scopes and end. */
export class RotateAccessTokenView extends OwnTokens {
  override async post(request: Request, params: Params): Promise<unknown> {
    const token = await this.find(request, params);
    const text = await rotateAccessToken(request, token);
    if (text === null) throw new NotFound();
    return { ...describe(await this.find(request, params)), token: text };
  }
}

/** List, make, show, revoke and rotate access tokens, below a prefix such as `/access-tokens/`. */
export function accessTokenUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/', AccessTokenListView, { name: 'access-token-list' }),
    path('/:id/', AccessTokenView, { name: 'access-token-detail' }),
    path('/:id/rotate/', RotateAccessTokenView, { name: 'access-token-rotate' }),
  ]);
}
