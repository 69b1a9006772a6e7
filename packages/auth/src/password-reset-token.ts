import { createHash, createHmac } from 'node:crypto';
import type { Site } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import { constantTimeEqual } from './constant-time.ts';

/** Django's, so that both take each other's links while they share a secret key. */
const SALT = 'django.contrib.auth.tokens.PasswordResetTokenGenerator';
const EPOCH_MS = Date.UTC(2001, 0, 1);

/**
 * A token by which somebody without the password may set a new one, for whoever reads the user's mail (DJ10).
 *
 * Nothing is stored: it counts until the password, the address or the last login changes, and at most for `passwordResetTimeout`.
 */
export function makePasswordResetToken(site: Site, user: AbstractUser): string {
  return tokenAt(Math.floor((site.clock() - EPOCH_MS) / 1000), user, site.secretKey);
}

/** True for a token that {@link makePasswordResetToken} made for the user, and that still counts. */
export function checkPasswordResetToken(site: Site, user: AbstractUser, token: string): boolean {
  const stamp = /^([0-9a-z]{1,13})-[0-9a-f]{32}$/.exec(token)?.[1];
  if (stamp === undefined) return false;
  const seconds = Number.parseInt(stamp, 36);
  const isGenuine = [site.secretKey, ...site.secretKeyFallbacks].some((secret) =>
    constantTimeEqual(tokenAt(seconds, user, secret), token),
  );
  const age = Math.floor((site.clock() - EPOCH_MS) / 1000) - seconds;
  return isGenuine && age <= authOptions(site).passwordResetTimeout;
}

function tokenAt(seconds: number, user: AbstractUser, secret: string): string {
  const { id, password, lastLogin, email } = user;
  const login = lastLogin === null ? '' : lastLogin.toISOString().slice(0, 19).replace('T', ' ');
  const key = createHash('sha256')
    .update(SALT + secret)
    .digest();
  const hash = createHmac('sha256', key).update(`${id}${password}${login}${seconds}${email}`).digest('hex');
  // Every second digit: 128 bits are plenty, and the link is shorter.
  return `${seconds.toString(36)}-${hash.replace(/(.)./g, '$1')}`;
}
