import { AuthenticationFailed } from '@rf/exceptions';
import { type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { authenticate } from './authenticate.ts';
import { parseAuthorization } from './authorization-header.ts';

/**
 * User name and password with every request (RFC 7617, AU15–AU17). Over https only.
 */
export class BasicAuthentication extends BaseAuthentication {
  /** Named in the challenge, so that clients know what to ask the user for. */
  wwwAuthenticateRealm = 'api';

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

  /** The user of this name and password. Throws AuthenticationFailed. */
  async authenticateCredentials(username: string, password: string, request: Request): Promise<Authenticated> {
    const user = await authenticate(request, { username, password });
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
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
