import { createHash, randomBytes } from 'node:crypto';
import { dataSource, findEntity, prepared } from '@rf/orm';
import type { CookieOptions, HttpResponse, Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions, type CookieSettings } from './auth-options.ts';
import { Session } from './session.ts';

/** 256 bits; a key that looks otherwise was not made here. */
const KEY = /^[A-Za-z0-9_-]{43}$/;

/** Django's: a longer one may be the key of another server's session, which is for that server to judge. */
const MIN_KEY_LENGTH = 8;

/**
 * The session of a request (DJ11): values kept in the database under the hash of a random key, which only the browser's cookie has.
 *
 * Who looks at it makes the answer vary by cookie. Changes are written, and the cookie set, when the answer is made.
 */
export class RequestSession {
  #key: string | null;
  #oldKey: string | null = null;
  #data: Record<string, unknown> = {};
  #user: AbstractUser | null = null;
  #isStored = false;
  #isModified = false;

  private constructor(
    readonly request: Request,
    key: string | null,
  ) {
    this.#key = key;
  }

  /** @internal use {@link getSession} */
  static async load(request: Request): Promise<RequestSession> {
    const { name } = authOptions(request.site).session;
    const cookie = request.cookies[name];
    const session = new RequestSession(request, cookie !== undefined && KEY.test(cookie) ? cookie : null);
    await session.#read();
    request.onResponse((response) => session.#finish(response, cookie !== undefined));
    return session;
  }

  async #read(): Promise<void> {
    if (this.#key === null) return;
    const { site } = this.request;
    const { idleAge, age } = authOptions(site).session;
    const stored = await findEntity(this.request, Session, { keyHash: hashKey(this.#key) }, ['user']);
    const now = site.clock();
    if (stored === null || stored.expires.getTime() <= now) {
      this.#key = null;
      return;
    }
    this.#data = stored.data;
    this.#user = stored.user;
    this.#isStored = true;
    // With idle expiry each use moves the end, but a busy session is written only once in a tenth of the time.
    const window = (idleAge ?? age) * 1000;
    if (idleAge !== null && stored.expires.getTime() - now < window * 0.9) this.#isModified = true;
  }

  /** The value kept under `name`. */
  get<T = unknown>(name: string): T | undefined {
    return Object.hasOwn(this.#data, name) ? (this.#data[name] as T) : undefined;
  }

  /** Keeps a JSON value. */
  set(name: string, value: unknown): void {
    Object.defineProperty(this.#data, name, { value, enumerable: true, writable: true, configurable: true });
    this.#isModified = true;
  }

  delete(name: string): void {
    delete this.#data[name];
    this.#isModified = true;
  }

  /** @internal the user whom the session was stored for, read with it; use `sessionUser(request)` */
  get storedUser(): AbstractUser | null {
    return this.#user;
  }

  get isEmpty(): boolean {
    return Object.keys(this.#data).length === 0;
  }

  /** Keeps the values under a new key: at login, so that a key planted before it is worth nothing. */
  cycleKey(): void {
    if (this.#isStored) this.#oldKey ??= this.#key;
    this.#key = null;
    this.#isStored = false;
    this.#isModified = true;
  }

  /** Ends the session: values and key are gone. */
  flush(): void {
    this.cycleKey();
    this.#data = {};
  }

  async #finish(response: HttpResponse, hasCookie: boolean): Promise<void> {
    response.headers.vary('Cookie');
    const { session: settings } = authOptions(this.request.site);
    const attributes = cookieAttributes(settings, this.request);
    if (this.#oldKey !== null) await this.#remove(this.#oldKey);
    if (this.isEmpty) {
      if (this.#isStored && this.#key !== null) await this.#remove(this.#key);
      if (hasCookie) response.deleteCookie(settings.name, attributes);
      return;
    }
    if (!this.#isModified || response.status >= 500) return;
    const key = await this.#write();
    if (key === null) {
      response.deleteCookie(settings.name, attributes);
      return;
    }
    response.setCookie(settings.name, key, {
      ...attributes,
      httpOnly: true,
      ...(!settings.expireAtBrowserClose && { maxAge: settings.age }),
    });
  }

  /** Stores the values; the key of the session, or null when it was ended by another request in the meantime. */
  async #write(): Promise<string | null> {
    const { site } = this.request;
    const { age, idleAge } = authOptions(site).session;
    const now = site.clock();
    const user = this.#data[USER_KEY];
    const key = this.#key ?? randomBytes(32).toString('base64url');
    const common = [hashKey(key), JSON.stringify(this.#data), user === undefined ? null : Number(user)];
    const expires = now + Math.min(age, idleAge ?? age) * 1000;
    // Never both in one statement: that would bring a session back which a logout has just removed.
    const { rowCount } = await prepared(
      this.request,
      this.#isStored
        ? {
            name: 'rf_session_update',
            text:
              'UPDATE auth_session SET data = $2, user_id = $3, ' +
              'expires = LEAST(to_timestamp($4::float8 / 1000), created + make_interval(secs => $5::float8)) WHERE key_hash = $1',
            values: [...common, expires, age],
          }
        : {
            name: 'rf_session_insert',
            text:
              'INSERT INTO auth_session (key_hash, data, user_id, created, expires) ' +
              'VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000))',
            values: [...common, now, expires],
          },
    );
    return rowCount === 0 ? null : key;
  }

  async #remove(key: string): Promise<void> {
    await prepared(this.request, {
      name: 'rf_session_remove',
      text: 'DELETE FROM auth_session WHERE key_hash = $1',
      values: [hashKey(key)],
    });
  }
}

/** Under which a session keeps the primary key of who is logged in. */
export const USER_KEY = '_auth_user_id';

/** On the request's state: its session. */
const sessionKey = Symbol('session');

/** The session of a request, read from the database once. */
export function getSession(request: Request): Promise<RequestSession> {
  let session = request.state.get(sessionKey) as Promise<RequestSession> | undefined;
  if (session === undefined) {
    session = RequestSession.load(request);
    request.state.set(sessionKey, session);
  }
  return session;
}

/** Expires a cookie too short to be a session's key with whatever is answered, though nobody looks at the session. */
export function expireShortSessionCookie(request: Request): void {
  const { session: settings } = authOptions(request.site);
  const cookie = request.cookies[settings.name];
  if (cookie === undefined || cookie.length >= MIN_KEY_LENGTH) return;
  request.onResponse((response) => {
    response.headers.vary('Cookie');
    response.deleteCookie(settings.name, cookieAttributes(settings, request));
  });
}

/** Deletes the sessions that have expired; how many that were. */
export async function clearExpiredSessions(site: Request['site']): Promise<number> {
  const { rowCount } = await prepared(dataSource(site).manager, {
    name: 'rf_session_clear',
    text: 'DELETE FROM auth_session WHERE expires <= to_timestamp($1::float8 / 1000)',
    values: [site.clock()],
  });
  return rowCount;
}

function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The attributes by which a browser tells cookies of one name apart, and whether the cookie may travel over https only. */
export function cookieAttributes(
  { path, domain, sameSite, secure }: CookieSettings,
  request: Request,
): Pick<CookieOptions, 'path' | 'domain' | 'sameSite' | 'secure'> {
  return {
    path,
    sameSite,
    secure: secure === 'auto' ? request.isSecure : secure,
    ...(domain !== undefined && { domain }),
  };
}
