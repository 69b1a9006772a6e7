import { type AbstractUser, type UserColumns, userColumns, userModel } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { dataSource, prepared } from '@rf/orm';
import type { Request, Site } from '@rf/views';
import type { JwtService } from './jwt-service.ts';
import { jwtService } from './jwt-service.ts';
import { matchesPassword } from './password-fingerprint.ts';
import type { Token } from './token.ts';
import { jwtFailure } from './token-failure.ts';

/** How the project's users are found by the claim that names them; worked out once. */
interface Statement {
  readonly name: string;
  readonly text: string;
  readonly users: UserColumns;
  /** False for a text that the column cannot hold, which PostgreSQL would call an error. */
  readonly fits: (id: string) => boolean;
}

const statements = new WeakMap<Site, Statement>();

/** The user that a token names; null when there is none. Inactive users are found. */
export async function findTokenUser(request: Request, token: Token): Promise<AbstractUser | null> {
  const { site } = request;
  let statement = statements.get(site);
  if (statement === undefined) {
    statement = makeStatement(site, jwtService(site).options.userIdField);
    statements.set(site, statement);
  }
  const { userId } = token;
  if (userId === undefined || !statement.fits(userId)) return null;
  const { name, text, users } = statement;
  const { rows } = await prepared(request, { name, text, values: [userId] });
  return rows[0] === undefined ? null : users.hydrate(rows[0]);
}

function makeStatement(site: Site, field: string): Statement {
  const users = userColumns(site);
  const metadata = dataSource(site).getMetadata(userModel(site));
  const column = metadata.findColumnWithPropertyName(field);
  if (column === undefined) {
    throw new ImproperlyConfigured(
      `jwt({ userIdField: '${field}' }): ${metadata.name} has no property ${field}. Its properties are: ` +
        `${metadata.columns.map(({ propertyName }) => propertyName).join(', ')}.`,
    );
  }
  return {
    name: `jwt_user_${metadata.tableName}_${column.databaseName}`.slice(0, 63),
    text: `SELECT ${users.select} FROM ${users.table} u WHERE u."${column.databaseName}" = $1`,
    users,
    fits: fitsType(dataSource(site).driver.normalizeType(column)),
  };
}

const INTEGER_LIMITS: Readonly<Record<string, bigint>> = {
  smallint: 2n ** 15n,
  integer: 2n ** 31n,
  bigint: 2n ** 63n,
};

function fitsType(type: string): (id: string) => boolean {
  const limit = INTEGER_LIMITS[type];
  if (limit !== undefined) return (id) => /^\d{1,19}$/.test(id) && BigInt(id) < limit;
  if (type === 'uuid') return (id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
  // PostgreSQL takes no NUL in text.
  return (id) => !id.includes('\0');
}

/** Throws AuthenticationFailed `password_changed` when `checkRevokeToken` is on and the password is another now (JW05). */
export function refusePasswordChange({ site, options }: JwtService, user: AbstractUser, token: Token): void {
  if (!options.checkRevokeToken || matchesPassword(site, user, token.get(options.revokeTokenClaim))) return;
  throw jwtFailure("The user's password has been changed.", 'password_changed');
}
