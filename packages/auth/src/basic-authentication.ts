import { AuthenticationFailed } from '@rf/exceptions';
import { type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { authenticate } from './authenticate.ts';
import { parseAuthorization } from './authorization-header.ts';
import { refuseGuesses, throttleGuesses } from './login-throttle.ts';
import type { LoginThrottleRates } from './login-throttle-rates.ts';

/**
 * User name and password with every request (RFC 7617, AU15–AU17). Over https only.
 */
export class BasicAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read name and password';

  /** Named in the challenge, so that clients know what to ask the user for. */
  wwwAuthenticateRealm = 'api';

  /**
   * Limits of wrong passwords by account and by address, beyond which none is hashed (W13); null for none. Default those of
   * `auth({ loginThrottle })`, with whose attempts to log in they are counted.
   */
  readonly loginThrottle: LoginThrottleRates | null | undefined = undefined;

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const header = parseAuthorization(request);
    if (header === null || header.scheme !== 'basic') return null;
    const { rest } = header;
    if (rest === '') throw new AuthenticationFailed('Invalid basic header. No credentials provided.');
    if (/[ \t]/.test(rest)) {
      throw new AuthenticationFailed('Invalid basic header. Credentials string should not contain spaces.');
    }
    const text = decodeBase64(rest);
    const colon = text === null ? -1 : text.indexOf(':');
    if (text === null || colon === -1) {
      throw new AuthenticationFailed('Invalid basic header. Credentials not correctly base64 encoded.');
    }
    return this.authenticateCredentials(text.slice(0, colon), text.slice(colon + 1), request);
  }

  /** The user of this name and password. Throws AuthenticationFailed, and Throttled after too many guesses. */
  async authenticateCredentials(username: string, password: string, request: Request): Promise<Authenticated> {
    await refuseGuesses(request, username, this.loginThrottle);
    const user = await authenticate(request, { username, password });
    await throttleGuesses(request, username, user !== null, this.loginThrottle);
    if (user === null) throw new AuthenticationFailed('Invalid username/password.');
    if (!user.isActive) throw new AuthenticationFailed('User inactive or deleted.');
    return { user, auth: null };
  }

  override authenticateHeader(_request: Request): string {
    return `Basic realm="${this.wwwAuthenticateRealm}"`;
  }
}

/** Strictly Base64, read as UTF-8 or, where that does not fit, as Latin-1 (AU15). */
function decodeBase64(text: string): string | null {
  const bytes = Buffer.from(text, 'base64');
  // Node reads over junk, and over bits beyond the last octet; one credential has one spelling here.
  if (bytes.toString('base64') !== text) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
