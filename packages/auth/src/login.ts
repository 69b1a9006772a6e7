import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { db, findEntity } from '@rf/orm';
import { AnonymousUser, type Request, type RequestUser, type Site } from '@rf/views';
import { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import { constantTimeEqual } from './constant-time.ts';
import { rotateCsrfToken } from './csrf.ts';
import { getSession, USER_KEY } from './request-session.ts';
import { userModel } from './user-model.ts';

/** Under which a session keeps what it shares with the user's password. */
const HASH_KEY = '_auth_user_hash';

/** Under which a session keeps when its user logged in, in milliseconds since 1970. */
const TIME_KEY = '_auth_login_time';

/**
 * Starts a session for the user: new session key, new CSRF secret, last login noted (DJ06). Later requests with the cookie are theirs.
 */
export async function login(request: Request, user: AbstractUser): Promise<void> {
  const session = await getSession(request);
  const hash = session.get<string>(HASH_KEY);
  const isOther = session.get(USER_KEY) !== undefined && session.get(USER_KEY) !== user.id;
  const isEnded = hash !== undefined && matchingSecret(request.site, user, hash) === undefined;
  // Values of another user, or from before a change of password, must not pass to this session.
  if (isOther || isEnded) session.flush();
  else session.cycleKey();
  session.set(USER_KEY, user.id);
  session.set(HASH_KEY, sessionHash(request.site.secretKey, user));
  session.set(TIME_KEY, request.site.clock());
  rotateCsrfToken(request);
  request.user = user;
  request.state.set(userKey, Promise.resolve(user));
  await updateLastLogin(request, user);
  await authOptions(request.site).onLogin?.(user, request);
}

/** Notes that the user logged in now. */
export async function updateLastLogin(request: Request, user: AbstractUser): Promise<void> {
  user.lastLogin = new Date(request.site.clock());
  await db(request).update(userModel(request), user.id, { lastLogin: user.lastLogin });
}

/** Ends the request's session (DJ06). */
export async function logout(request: Request): Promise<void> {
  const user = await sessionUser(request);
  (await getSession(request)).flush();
  request.user = new AnonymousUser();
  request.state.set(userKey, Promise.resolve(null));
  if (user !== null) await authOptions(request.site).onLogout?.(user, request);
}

/**
 * After a change of password: keeps this session, which the new password would end with all the user's others (DJ07).
 */
export async function updateSessionHash(request: Request, user: AbstractUser): Promise<void> {
  const session = await getSession(request);
  session.cycleKey();
  session.set(HASH_KEY, sessionHash(request.site.secretKey, user));
}

/** On the request's state: who is logged in. */
const userKey = Symbol('session user');

/** Who is logged in by the request's session; null for nobody. */
export function sessionUser(request: Request): Promise<AbstractUser | null> {
  let user = request.state.get(userKey) as Promise<AbstractUser | null> | undefined;
  if (user === undefined) {
    user = readUser(request);
    request.state.set(userKey, user);
  }
  return user;
}

/**
 * When the user of the request's session proved who they are; null when nobody is logged in, and for a session that is older than
 * this record.
 */
export async function loginTime(request: Request): Promise<Date | null> {
  if ((await sessionUser(request)) === null) return null;
  const time = (await getSession(request)).get(TIME_KEY);
  return typeof time === 'number' ? new Date(time) : null;
}

async function readUser(request: Request): Promise<AbstractUser | null> {
  const session = await getSession(request);
  const id = session.get<number>(USER_KEY);
  const hash = session.get<string>(HASH_KEY);
  if (id === undefined || hash === undefined) return null;
  const { storedUser } = session;
  const user = storedUser?.id === id ? storedUser : await findEntity(request, userModel(request), { id });
  const { backends } = authOptions(request.site);
  if (user === null || !backends.some((backend) => backend.userCanAuthenticate(user))) return null;
  const secret = matchingSecret(request.site, user, hash);
  if (secret === undefined) {
    session.flush();
    return null;
  }
  // Carried over to the present key, so that the former one can be dropped some day.
  if (secret !== request.site.secretKey) session.set(HASH_KEY, sessionHash(request.site.secretKey, user));
  return user;
}

/** The secret key, present or former, by which the hash is of the user's present password. */
function matchingSecret(site: Site, user: AbstractUser, hash: string): string | undefined {
  return [site.secretKey, ...site.secretKeyFallbacks].find((secret) =>
    constantTimeEqual(sessionHash(secret, user), hash),
  );
}

/** What makes hashes of a secret key's sessions: a project has few. */
const hashKeys = new Map<string, KeyObject>();

/** Changes with the password and with the secret key, and tells nothing of either. */
function sessionHash(secret: string, user: AbstractUser): string {
  let key = hashKeys.get(secret);
  if (key === undefined) {
    key = createSecretKey(createHash('sha256').update('rf.auth.session-hash').update(secret).digest());
    hashKeys.set(secret, key);
  }
  return createHmac('sha256', key).update(user.password).digest('hex');
}

/** True when the user is one of the project's user model, not nobody. */
export const isUser = (user: RequestUser | null): user is AbstractUser => user instanceof AbstractUser;
