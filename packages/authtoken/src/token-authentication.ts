import { parseAuthorization, sharesScheme } from '@rf/auth';
import { AuthenticationFailed, ImproperlyConfigured } from '@rf/exceptions';
import { dataSourceKey, findEntity, modelFor } from '@rf/orm';
import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { Token } from './token.ts';

/** A token model of one's own: the columns of {@link Token} on another table. */
export type TokenModel = new () => Token;

/** Of the column; longer ones are another scheme's. */
const MAX_KEY_LENGTH = 40;

/**
 * `Authorization: Token 401f7ac8…` (AU18–AU20). One query finds token and user.
 *
 * ```ts
 * class BearerAuthentication extends TokenAuthentication {
 *   override keyword = 'Bearer';
 * }
 * ```
 */
export class TokenAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the token';

  /** The scheme word; compared without case, and named in the challenge. */
  keyword = 'Token';
  /** Where tokens are kept. */
  model: TokenModel = Token;

  override checkSetup(view: APIView): void {
    const source = view.site.optionalResource(dataSourceKey);
    const isAsked = this.authenticateCredentials === TokenAuthentication.prototype.authenticateCredentials;
    if (!isAsked || source === undefined || source.hasMetadata(modelFor(source, this.model))) return;
    const app =
      this.model === Token
        ? 'Write apps: [authtoken(), …] in defineProject().'
        : 'Name it in the `entities` of an app.';
    throw new ImproperlyConfigured(
      `${view.constructor.name} uses ${this.constructor.name}, whose model ${this.model.name} is no entity of the project. ${app}`,
    );
  }

  override authenticate(request: Request): Promise<Authenticated> | null {
    const header = parseAuthorization(request);
    if (header === null || header.scheme !== this.keyword.toLowerCase()) return null;
    const { rest } = header;
    if (rest === '') throw new AuthenticationFailed('Invalid token header. No credentials provided.');
    if (/[ \t]/.test(rest))
      throw new AuthenticationFailed('Invalid token header. Token string should not contain spaces.');
    const key = decode(rest);
    if (key === null) {
      throw new AuthenticationFailed('Invalid token header. Token string should not contain invalid characters.');
    }
    if (key.length > MAX_KEY_LENGTH && sharesScheme(request, this)) return null;
    return this.authenticateCredentials(key, request);
  }

  /** The token of this key and its user. Throws AuthenticationFailed. */
  async authenticateCredentials(key: string, request: Request): Promise<Authenticated> {
    const token = await findEntity(request, this.model, { key }, ['user']);
    if (token === null) throw new AuthenticationFailed('Invalid token.');
    const { user } = token;
    if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
    return { user, auth: token };
  }

  override authenticateHeader(_request: Request): string {
    return this.keyword;
  }
}

/** Node hands header bytes over as Latin-1; a key is text in UTF-8. Null when it is not. */
function decode(text: string): string | null {
  if (/^[\x21-\x7e]*$/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return null;
  }
}
