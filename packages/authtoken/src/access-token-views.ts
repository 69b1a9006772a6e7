import { LONGEST_LIFETIME, OwnCredentialsView, requireScopes } from '@rf/auth';
import { NotFound, PermissionDenied, ValidationError } from '@rf/exceptions';
import { db } from '@rf/orm';
import { CharField, IntegerField, ListField, RegexField, Serializer } from '@rf/serializers';
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
import { AccessToken, EVERY_SCOPE } from './access-token.ts';
import { accessTokenSettings } from './access-token-options.ts';
import { issueAccessTokenWithinLimit, rotateAccessToken } from './issue-access-token.ts';

/** A scope as RFC 6749, section 3.3, has it. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/;

class NewAccessTokenSerializer extends Serializer {
  name = new CharField({ maxLength: 100 });
  scopes = new ListField({ child: new RegexField({ regex: SCOPE }), required: false });
  lifetime = new IntegerField({
    minValue: 1,
    maxValue: LONGEST_LIFETIME,
    required: false,
    helpText: 'Seconds until the token ends.',
  });

  validateLifetime(lifetime: number): number {
    const { maxLifetime } = accessTokenSettings(this.context.request as Request);
    if (maxLifetime !== null && lifetime > maxLifetime) {
      throw new ValidationError(`Ensure this value is less than or equal to ${maxLifetime}.`, 'max_value');
    }
    return lifetime;
  }
}

/** No cache may keep an answer that holds a token. */
const noStore = { 'cache-control': 'no-store' };

/** How a token is shown: everything but itself. */
function describe(token: AccessToken) {
  const { id, name, prefix, abilities, created, expires, lastUsed } = token;
  return { id, name, prefix, scopes: abilities, created, expires, lastUsed };
}

abstract class OwnTokens extends OwnCredentialsView {
  protected async find(request: Request, params: Params): Promise<AccessToken> {
    const id = /^\d{1,9}$/.test(params.id ?? '') ? Number(params.id) : 0;
    const token = await db(request).findOneBy(AccessToken, { id, user: { id: this.owner.id } });
    if (token === null) throw new NotFound();
    return token;
  }
}

/** GET lists the caller's tokens; POST `name`, `scopes`, `lifetime` makes one and shows it, once; DELETE revokes all. */
export class AccessTokenListView extends OwnTokens {
  override async get(request: Request): Promise<unknown> {
    const own = { user: { id: this.owner.id } };
    return (await db(request).find(AccessToken, { where: own, order: { id: 'ASC' } })).map(describe);
  }

  override async post(request: Request): Promise<Response> {
    const serializer = new NewAccessTokenSerializer({ data: request.data, context: { request } });
    await serializer.isValid({ raise: true });
    const options = serializer.validatedData as { name: string; scopes?: string[]; lifetime?: number };
    const { maxLifetime } = accessTokenSettings(request);
    const limited = maxLifetime === null || options.lifetime !== undefined ? options : withinLifetime(request, options);
    const { token, text } = await issueAccessTokenWithinLimit(request, this.owner, limited);
    return new Response({ ...describe(token), token: text }, { status: 201, headers: noStore });
  }

  override async delete(request: Request): Promise<Response> {
    await db(request).delete(AccessToken, { user: { id: this.owner.id } });
    return new Response(undefined, { status: 204 });
  }
}

/** Where there is a longest lifetime, a token without end is not to be had by leaving the lifetime out. */
function withinLifetime<T extends object>(request: Request, options: T): T & { lifetime: number } {
  const { lifetime, maxLifetime } = accessTokenSettings(request);
  const longest = maxLifetime as number;
  return { ...options, lifetime: Math.min(lifetime ?? longest, longest) };
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

/** POST replaces a token that has not ended by a new one of the same name, scopes and end. */
export class RotateAccessTokenView extends OwnTokens {
  override async post(request: Request, params: Params): Promise<Response> {
    const token = await this.find(request, params);
    if (token.isExpired(request.site.clock())) throw new PermissionDenied('Token has expired.');
    const text = await rotateAccessToken(request, token);
    if (text === null) throw new NotFound();
    return new Response({ ...describe(await this.find(request, params)), token: text }, { headers: noStore });
  }
}

/** POST with another scheme, Basic for instance, answers a token for this client: `{ "token", "expiry" }` (KX02). */
export class AccessTokenLoginView extends OwnTokens {
  override async post(request: Request): Promise<Response> {
    const { maxLifetime } = accessTokenSettings(request);
    const options = { name: this.getTokenName(request) };
    const { token, text } = await issueAccessTokenWithinLimit(
      request,
      this.owner,
      maxLifetime === null ? options : withinLifetime(request, options),
    );
    return new Response({ token: text, expiry: token.expires }, { headers: noStore });
  }

  /** What the new token is called: the client's name of itself. */
  protected getTokenName(request: Request): string {
    return (request.headers['user-agent'] ?? 'login').slice(0, 100);
  }
}

/** POST with an access token revokes that token (KX03). */
@permissionClasses(IsAuthenticated)
export class AccessTokenLogoutView extends APIView {
  override async post(request: Request): Promise<Response> {
    if (!(request.auth instanceof AccessToken)) throw new PermissionDenied();
    await this.revoke(request, request.auth);
    return new Response(undefined, { status: 204 });
  }

  protected async revoke(request: Request, token: AccessToken): Promise<void> {
    await db(request).delete(AccessToken, token.id);
  }
}

/** POST with an access token that may do everything revokes all of the user's (KX03). */
export class AccessTokenLogoutAllView extends AccessTokenLogoutView {
  protected override async revoke(request: Request, token: AccessToken): Promise<void> {
    // A narrow token must not end wide ones.
    requireScopes(request, EVERY_SCOPE);
    await db(request).delete(AccessToken, { user: { id: token.user.id } });
  }
}

/** List, make, show, revoke and rotate access tokens, log in and out, below a prefix such as `/access-tokens/`. */
export function accessTokenUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/', AccessTokenListView, { name: 'access-token-list' }),
    path('/login/', AccessTokenLoginView, { name: 'access-token-login' }),
    path('/logout/', AccessTokenLogoutView, { name: 'access-token-logout' }),
    path('/logout-all/', AccessTokenLogoutAllView, { name: 'access-token-logout-all' }),
    path('/:id/', AccessTokenView, { name: 'access-token-detail' }),
    path('/:id/rotate/', RotateAccessTokenView, { name: 'access-token-rotate' }),
  ]);
}
