import { type RequestUser, resourceKey, type Request, type Site } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import type { AuthenticationBackend } from './authentication-backend.ts';
import type { LoginThrottleRates } from './login-throttle-rates.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { PasswordValidator } from './password-validators.ts';

/** How the cookies of sessions and CSRF are set. */
export interface CookieSettings {
  readonly name: string;
  /** Seconds. */
  readonly age: number;
  readonly domain?: string;
  readonly path: string;
  /** `auto` sets it on answers to https requests. */
  readonly secure: boolean | 'auto';
  readonly sameSite: 'Lax' | 'Strict' | 'None';
}

/** A link to reset a password, for `sendPasswordReset` to send. */
export interface PasswordReset {
  readonly user: AbstractUser;
  /** The user's primary key, for the link. */
  readonly uid: string;
  readonly token: string;
  /** The request that asked for it: `request.buildAbsoluteUri(…)` makes the link. */
  readonly request: Request;
}

/** Options of `auth()`, with their defaults filled in. */
export interface AuthOptions {
  /** Asked in order who the credentials belong to (DJ05). */
  readonly backends: readonly AuthenticationBackend[];
  /** The first writes, all read (DJ08). */
  readonly passwordHashers: readonly PasswordHasher[];
  /** What a new password must satisfy (DJ09). */
  readonly passwordValidators: readonly PasswordValidator[];
  /** Limits of login attempts by account and by address; null for none. */
  readonly loginThrottle: LoginThrottleRates | null;
  /** `age` is how long a session lasts at most, counted from the login. */
  readonly session: CookieSettings & {
    /** Seconds without use after which a session ends; null for its age only. */
    readonly idleAge: number | null;
    /** The cookie is gone when the browser is closed; the session in the database still ends by its age. */
    readonly expireAtBrowserClose: boolean;
  };
  readonly csrf: CookieSettings;
  /** Origins beside the request's own that may send unsafe requests: `https://example.com`, `https://*.example.com`. */
  readonly csrfTrustedOrigins: readonly string[];
  /** Seconds for which a link to reset a password counts; 3 days unless given. */
  readonly passwordResetTimeout: number;
  /** Sends a link to reset a password; needed by PasswordResetView. */
  readonly sendPasswordReset?: (reset: PasswordReset) => void | Promise<void>;
  readonly onLogin?: (user: RequestUser, request: Request) => void | Promise<void>;
  readonly onLogout?: (user: RequestUser, request: Request) => void | Promise<void>;
  /** @param credentials without the password */
  readonly onLoginFailed?: (credentials: Readonly<Record<string, unknown>>, request: Request) => void | Promise<void>;
  /** Called for each attempt to log in that was refused because there were too many; see {@link loginThrottle}. */
  readonly onLoginThrottled?: (account: string, request: Request) => void | Promise<void>;
}

/** Where `auth()` puts its options. */
export const authOptionsKey = resourceKey<AuthOptions>('options of the auth app');

/** The options of a project's auth app. */
export const authOptions = (site: Site): AuthOptions => site.resource(authOptionsKey);
