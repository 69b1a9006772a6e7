import type { AbstractUser } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable, Request } from '@rf/views';

/** Which tokens of a user end when the user logs out at a client's request. */
export type LogoutRevokes = 'nothing' | 'client' | 'all';

/** Options of `openid()`. */
export interface OpenIdOptions {
  /** Seconds that an ID token counts. Default 3,600. */
  readonly idTokenLifetime?: number;
  /** The words of the consent page for `openid`, `profile` and `email`, where ours do not fit. */
  readonly scopes?: Partial<OpenIdScopes>;
  /**
   * Claims of your own for UserInfo, beside those of `profile` and `email`; they win over these. The protocol's own, such as
   * `sub`, cannot be set.
   *
   * ```ts
   * claims: (user, scopes) => (scopes.has('email') ? { email_verified: user.emailVerified } : {})
   * ```
   */
  readonly claims?: (user: AbstractUser, scopes: ReadonlySet<string>, request: Request) => Awaitable<Claims>;
  /** ID tokens have the claims of UserInfo as well. Default false: they then tell who the user is, and no more. */
  readonly claimsInIdToken?: boolean;
  /** Path of the sign-up page, to which `prompt=create` leads; `next` is added. Default none: that prompt is refused. */
  readonly registrationUrl?: string;
  /** ID tokens that have expired are taken as `id_token_hint`. Default true, since clients keep them for the log-out. */
  readonly acceptExpiredHints?: boolean;
  /** Ask before each log-out, also where the ID token of the client shows whom it means. Default false. */
  readonly confirmLogout?: boolean;
  /** What ends with the session: the tokens of the client that asked for the log-out, or of every client. Default `client`. */
  readonly logoutRevokes?: LogoutRevokes;
}

/** Claims by name: any JSON values. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the consent page says of the scopes of OpenID Connect. */
export interface OpenIdScopes {
  readonly openid: string;
  readonly profile: string;
  readonly email: string;
}

/** Options with their defaults, checked. */
export interface ResolvedOpenIdOptions extends Required<Omit<OpenIdOptions, 'registrationUrl' | 'scopes'>> {
  readonly registrationUrl: string | null;
  readonly scopes: OpenIdScopes;
}

const SCOPES: OpenIdScopes = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your email address',
};

const REVOKES: readonly LogoutRevokes[] = ['nothing', 'client', 'all'];

/** Fills in defaults. Throws ImproperlyConfigured for what cannot work. */
export function resolveOpenIdOptions(options: OpenIdOptions): ResolvedOpenIdOptions {
  const resolved: ResolvedOpenIdOptions = {
    idTokenLifetime: 3600,
    claims: () => ({}),
    claimsInIdToken: false,
    acceptExpiredHints: true,
    confirmLogout: false,
    logoutRevokes: 'client',
    ...options,
    registrationUrl: options.registrationUrl ?? null,
    scopes: { ...SCOPES, ...options.scopes },
  };
  const { idTokenLifetime, registrationUrl, logoutRevokes } = resolved;
  if (!(Number.isInteger(idTokenLifetime) && idTokenLifetime > 0)) {
    fail(`idTokenLifetime: ${idTokenLifetime} is not a whole number of seconds above 0. Write idTokenLifetime: 3600.`);
  }
  if (registrationUrl !== null && !/^(?:\/(?!\/)|https?:\/\/)/.test(registrationUrl)) {
    fail(
      `registrationUrl: ${JSON.stringify(registrationUrl)} is neither a path nor a URL. Write registrationUrl: '/sign-up/'.`,
    );
  }
  if (!REVOKES.includes(logoutRevokes)) {
    fail(`logoutRevokes: ${JSON.stringify(logoutRevokes)} is none of ${REVOKES.join(', ')}.`);
  }
  return resolved;
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`openid(): ${text}`);
}
