import { AuthenticationFailed } from '@rf/exceptions';
import { type Authenticated, BaseAuthentication, isRepeated, type Request } from '@rf/views';
import { authenticate } from './authenticate.ts';

/**
 * Trusts the server in front to name the user in a header (AU25). Use it only where every request passes that server, and where it
 * removes the header from what clients send.
 */
export class RemoteUserAuthentication extends BaseAuthentication {
  /** Lower-case name of the header. */
  readonly header: string = 'remote-user';

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const remoteUser = request.headers[this.header];
    if (!remoteUser) return null;
    // One line is the server's; another one would be the client's.
    if (isRepeated(request, this.header))
      throw new AuthenticationFailed(`The ${this.header} header was sent more than once.`);
    const user = await authenticate(request, { remoteUser });
    return user === null || !user.isActive ? null : { user, auth: null };
  }
}
