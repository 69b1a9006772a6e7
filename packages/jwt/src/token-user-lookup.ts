import { type AbstractUser, userModel } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { dataSource, findEntity, INTEGER_LIMITS } from '@rf/orm';
import type { Request, Site } from '@rf/views';
import type { JwtService } from './jwt-service.ts';
import { jwtService } from './jwt-service.ts';
import { matchesPassword } from './password-fingerprint.ts';
import type { Token } from './token.ts';
import { jwtFailure } from './token-failure.ts';

/** Whether the claim that names a user fits the column; false for a text which PostgreSQL would call an error. */
type Fits = (id: string) => boolean;

const known = new WeakMap<Site, Fits>();

/** The user that a token names; null when there is none. Inactive users are found. */
export async function findTokenUser(request: Request, token: Token): Promise<AbstractUser | null> {
  const { site } = request;
  const { userIdField } = jwtService(site).options;
  let fits = known.get(site);
  if (fits === undefined) known.set(site, (fits = fitsColumn(site, userIdField)));
  const { userId } = token;
  if (userId === undefined || !fits(userId)) return null;
  return findEntity(request, userModel(site), { [userIdField]: userId });
}

function fitsColumn(site: Site, field: string): Fits {
  const metadata = dataSource(site).getMetadata(userModel(site));
  const column = metadata.findColumnWithPropertyName(field);
  if (column === undefined) {
    throw new ImproperlyConfigured(
      `jwt({ userIdField: '${field}' }): ${metadata.name} has no property ${field}. Its properties are: ` +
        `${metadata.columns.map(({ propertyName }) => propertyName).join(', ')}.`,
    );
  }
  return fitsType(dataSource(site).driver.normalizeType(column));
}

function fitsType(type: string): Fits {
  const limits = INTEGER_LIMITS[type];
  if (limits !== undefined) return (id) => /^\d{1,19}$/.test(id) && BigInt(id) <= limits[1];
  if (type === 'uuid') return (id) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
  return () => true;
}

/** Throws AuthenticationFailed `password_changed` when `checkRevokeToken` is on and the password is another now (JW05). */
export function refusePasswordChange({ site, options }: JwtService, user: AbstractUser, token: Token): void {
  if (!options.checkRevokeToken || matchesPassword(site, user, token.get(options.revokeTokenClaim))) return;
  throw jwtFailure("The user's password has been changed.", 'password_changed');
}
