import { parseAuthorization } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { db } from '@rf/orm';
import {
  AnonymousUser,
  type APIView,
  type Authenticated,
  BaseAuthentication,
  BasePermission,
  isFormMediaType,
  type Request,
} from '@rf/views';
import { formatChallenge } from './challenge.ts';
import { OAuth2Client } from './client.ts';
import { type ClientForm, readClientCredentials } from './client-credentials.ts';
import { authenticateClient } from './clients.ts';
import { OAuth2Error } from './oauth2-error.ts';
import { Parameters } from './parameters.ts';
import { oauth2Provider, oauth2Resource } from './provider.ts';

/**
 * The credentials of a confidential client of the project's provider, as at the introspection endpoint: HTTP Basic, or `client_id` and
 * `client_secret` in a form (RFC 6749, section 2.3.1; OA04).
 *
 * `request.auth` is the {@link OAuth2Client}, `request.user` an AnonymousUser: {@link IsOAuth2Client} lets clients in. A public client, which
 * has nothing to show, is refused.
 */
export class OAuth2ClientAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the secret of the client';

  override checkSetup(view: APIView): void {
    this.requireApp(view, oauth2Resource, 'oauth2()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const isBasic = parseAuthorization(request)?.scheme === 'basic';
    try {
      const form = await readClientForm(request);
      if (!isBasic && form.clientSecret === null) return null;
      const credentials = readClientCredentials(isBasic ? request.headers.authorization : undefined, form);
      const client = await authenticateClient(db(request), credentials);
      if (client.isPublic) throw new AuthenticationFailed();
      return { user: new AnonymousUser(), auth: client };
    } catch (error) {
      throw error instanceof OAuth2Error ? new AuthenticationFailed() : error;
    }
  }

  override authenticateHeader(request: Request): string {
    return formatChallenge('Basic', oauth2Provider(request).options.realm);
  }
}

/** The request is from a client that showed its credentials (OA04). */
export class IsOAuth2Client extends BasePermission {
  override hasPermission(request: Request): boolean {
    return request.auth instanceof OAuth2Client;
  }
}

/** Throws what is wrong with the form; OAuth2Error for a member that came twice. */
async function readClientForm(request: Request): Promise<ClientForm> {
  if (!request.hasBody || !isFormMediaType(request.contentType)) return { clientId: null, clientSecret: null };
  await request.parse();
  const form = new Parameters(request.post);
  return { clientId: form.get('client_id'), clientSecret: form.get('client_secret') };
}
