import { challengeMissingScopes, noteUse, parseAuthorization, sharesScheme } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { findEntity, prepared } from '@rf/orm';
import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { AccessToken } from './access-token.ts';
import { accessTokenSettings, accessTokenSettingsKey } from './access-token-options.ts';
import { ACCESS_TOKEN_PREFIX, digestAccessToken, isAccessToken } from './access-token-text.ts';

/**
 * `Authorization: Bearer rfat_…` with an {@link AccessToken}; `request.auth` is the token, which says what it may do.
 *
 * Tokens that do not begin with `rfat_` are left to later classes of the same word, so it stands beside other Bearer schemes in any
 * order.
 */
export class AccessTokenAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the token';

  override checkSetup(view: APIView): void {
    this.requireApp(view, accessTokenSettingsKey, 'authtoken()');
  }

  /** The scheme word; compared without case, and named in the challenge. */
  keyword = 'Bearer';

  override authenticate(request: Request): Promise<Authenticated> | null {
    const header = parseAuthorization(request);
    if (header === null || header.scheme !== this.keyword.toLowerCase()) return null;
    if (!header.rest.startsWith(ACCESS_TOKEN_PREFIX) && sharesScheme(request, this)) return null;
    if (!isAccessToken(header.rest)) throw new AuthenticationFailed('Invalid token.');
    return this.authenticateCredentials(header.rest, request);
  }

  /** The token of this text and its user. Throws AuthenticationFailed. */
  async authenticateCredentials(text: string, request: Request): Promise<Authenticated> {
    const token = await findEntity(request, AccessToken, { digest: digestAccessToken(text) }, ['user']);
    if (token === null) throw new AuthenticationFailed('Invalid token.');
    const now = request.site.clock();
    const { user } = token;
    if (token.isExpired(now)) throw new AuthenticationFailed('Token has expired.');
    if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
    if (await noteUse(request, token)) await putOffEnd(request, token, now);
    // Other words than Bearer have no such attributes.
    if (this.keyword.toLowerCase() === 'bearer') challengeMissingScopes(request);
    return { user, auth: token };
  }

  override authenticateHeader(_request: Request): string {
    return this.keyword;
  }
}

async function putOffEnd(request: Request, token: AccessToken, now: number): Promise<void> {
  const later = laterEnd(request, token, now);
  if (later === null) return;
  token.expires = later;
  await prepared(request, {
    name: 'rf_access_token_end',
    text: 'UPDATE authtoken_access_token SET expires = GREATEST(expires, $2) WHERE id = $1',
    values: [token.id, later],
  });
}

/** Where a use puts the end of the token off to; null where it does not (KX04). */
function laterEnd(request: Request, token: AccessToken, now: number): Date | null {
  const { autoRefresh, lifetime } = accessTokenSettings(request);
  if (autoRefresh === null || lifetime === null || token.expires === null) return null;
  const { maxLifetime } = autoRefresh;
  const longest = maxLifetime === null ? Number.POSITIVE_INFINITY : token.created.getTime() + maxLifetime * 1000;
  return new Date(Math.max(token.expires.getTime(), Math.min(now + lifetime * 1000, longest)));
}
