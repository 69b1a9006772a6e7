import { constantTimeEqual } from '@rf/auth';
import type { AuthorizationRequest } from './authorization-request.ts';
import type { OAuth2Provider } from './provider.ts';
import { later } from './token-issuer.ts';

/** The parameter with which an authorization request comes back from the login page that it sent its user to. */
export const REAUTHENTICATION = 'reauthenticated_since';

/** Seconds for which such an address is good: long enough for a password, too short for somebody else at the same machine. */
const PATIENCE = 900;

/** Prompts that ask for a login although there is a session. */
const LOGIN_PROMPTS = ['login', 'select_account'];

type Asked = Pick<AuthorizationRequest, 'client' | 'state' | 'nonce' | 'prompt' | 'maxAge' | 'reauthentication'>;

/** True when the client wants to know that the user has just logged in. */
export const wantsLogin = ({ prompt, maxAge, reauthentication }: Asked): boolean =>
  maxAge !== null || reauthentication !== null || LOGIN_PROMPTS.some((word) => prompt.has(word));

/**
 * Whether a log-in is new enough for what the client asks (OpenID Connect Core, section 3.1.2.1: `prompt=login`, `max_age`).
 *
 * @param authenticatedAt when the user of the session logged in; null when that is not known
 */
export function isFreshLogin(provider: OAuth2Provider, asked: Asked, authenticatedAt: Date | null): boolean {
  // A new request, or the same address once more: whoever goes back logs in again.
  if (LOGIN_PROMPTS.some((word) => asked.prompt.has(word))) return false;
  if (asked.reauthentication !== null) {
    const since = readReauthentication(provider, asked);
    return since !== null && authenticatedAt !== null && authenticatedAt >= since;
  }
  if (asked.maxAge === null) return true;
  return authenticatedAt !== null && provider.now() <= later(authenticatedAt, asked.maxAge);
}

/**
 * The query of the address to come back to after a login: it asks for a log-in from now on in place of any, and proves that we
 * wrote it for this request.
 */
export function afterLogin(provider: OAuth2Provider, asked: Asked, query: string): string {
  const params = new URLSearchParams(query);
  const rest = [...asked.prompt].filter((word) => !LOGIN_PROMPTS.includes(word));
  if (rest.length === 0) params.delete('prompt');
  else params.set('prompt', rest.join(' '));
  const now = provider.now().getTime();
  params.set(REAUTHENTICATION, `${now}.${macs(provider, asked, now)[0]}`);
  return params.toString();
}

/** The moment that {@link afterLogin} wrote; null for what it did not write, or wrote too long ago. */
function readReauthentication(provider: OAuth2Provider, asked: Asked): Date | null {
  const [, digits = '', mac = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(asked.reauthentication ?? '') ?? [];
  const moment = new Date(Number(digits));
  if (!macs(provider, asked, moment.getTime()).some((own) => constantTimeEqual(own, mac))) return null;
  return provider.now() < later(moment, PATIENCE) ? moment : null;
}

function macs(
  provider: OAuth2Provider,
  { client, state, nonce }: Asked,
  moment: number,
): readonly [string, ...string[]] {
  const text = JSON.stringify([moment, client.clientId, state, nonce]);
  const [present, ...former] = provider.keyedHashes('reauthentication', text);
  return [present.toString('base64url'), ...former.map((mac) => mac.toString('base64url'))];
}
