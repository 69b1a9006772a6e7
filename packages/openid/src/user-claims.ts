import type { AbstractUser } from '@rf/auth';
import type { Request } from '@rf/views';
import type { Claims, ResolvedOpenIdOptions } from './options.ts';

/** Claims that the protocol gives a meaning, which a project's own must not change (OpenID Connect Core, section 2; RFC 7519, section 4.1). */
const PROTOCOL_CLAIMS = new Set(
  'iss sub aud exp nbf iat jti auth_time nonce acr amr azp at_hash c_hash s_hash sid sub_jwk cnf'.split(' '),
);

/** The claims that a standard scope asks for, of those that a user has (OpenID Connect Core, section 5.4). */
const OF_SCOPE: Readonly<Record<string, (user: AbstractUser) => Claims>> = {
  profile: (user) => ({
    name: user.getFullName(),
    given_name: user.firstName,
    family_name: user.lastName,
    preferred_username: user.getUsername(),
  }),
  email: ({ email }) => ({ email }),
};

/** Names of the standard claims that UserInfo may have beside `sub`. */
export const userClaimNames = ['name', 'given_name', 'family_name', 'preferred_username', 'email'] as const;

/** What identifies the user at every client, for ever: the primary key, which is never given to another user. */
export const subjectOf = (user: AbstractUser): string => String(user.id);

/** What a client may know of a user by its scopes, without what the protocol itself says. Empty values are left out. */
export async function userClaims(
  options: ResolvedOpenIdOptions,
  user: AbstractUser,
  scopes: ReadonlySet<string>,
  request: Request,
): Promise<Claims> {
  const standard = Object.entries(OF_SCOPE)
    .filter(([scope]) => scopes.has(scope))
    .flatMap(([, claimsOf]) => Object.entries(claimsOf(user)).filter(([, value]) => value !== ''));
  const own = Object.entries(await options.claims(user, scopes, request));
  return Object.fromEntries([...standard, ...own].filter(([name]) => !PROTOCOL_CLAIMS.has(name)));
}
