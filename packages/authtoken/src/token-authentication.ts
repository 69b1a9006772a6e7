import { parseAuthorization, type UserColumns, userColumns, sharesScheme } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { dataSource, prepared } from '@rf/orm';
import { type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { Token } from './token.ts';

/** A token model of one's own: the columns of {@link Token} on another table. */
export type TokenModel = new () => Token;

/** Of the column; longer ones are another scheme's. */
const MAX_KEY_LENGTH = 40;

/** What a token model and the project's user model make of the query, worked out once. */
interface Statement {
  readonly name: string;
  readonly text: string;
  readonly users: UserColumns;
}

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

  #statement: Statement | undefined;

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
    // PostgreSQL takes no NUL in text, so no key has one.
    if (key.includes('\0')) throw new AuthenticationFailed('Invalid token.');
    this.#statement ??= makeStatement(request, this.model);
    const { name, text, users } = this.#statement;
    const { rows } = await prepared(request, { name, text, values: [key] });
    const [row] = rows;
    if (row === undefined) throw new AuthenticationFailed('Invalid token.');
    const user = users.hydrate(row);
    if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
    const token = new this.model();
    token.key = row.token_key as string;
    token.created = row.token_created as Date;
    token.user = user;
    return { user, auth: token };
  }

  override authenticateHeader(_request: Request): string {
    return this.keyword;
  }
}

function makeStatement(request: Request, model: TokenModel): Statement {
  const users = userColumns(request.site);
  const metadata = dataSource(request).getMetadata(model);
  const column = (property: string) => `t."${columnOf(metadata, property)}"`;
  return {
    name: `rf_token_${metadata.tableName}`.slice(0, 63),
    text:
      `SELECT ${column('key')} AS token_key, ${column('created')} AS token_created, ${users.select} ` +
      `FROM "${metadata.tableName}" t JOIN ${users.table} u ON u.id = ${column('user')} WHERE ${column('key')} = $1`,
    users,
  };
}

function columnOf(metadata: EntityMetadata, property: string): string {
  const column =
    metadata.findRelationWithPropertyPath(property)?.joinColumns[0] ?? metadata.findColumnWithPropertyName(property);
  if (column === undefined) {
    throw new Error(`${metadata.name} cannot be a token model: it has no property ${property}. Let it extend Token.`);
  }
  return column.databaseName;
}

/** Node hands header bytes over as Latin-1; a key is text in UTF-8. Null when it is not. */
function decode(text: string): string | null {
  if (/^[\x21-\x7e]*$/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return null;
  }
}
