import { Http404 } from '@rf/exceptions';
import type { Request } from '@rf/views';
import type { GrantType, OAuth2Client } from './client.ts';
import { authorizationCodeGrant } from './grants/authorization-code-grant.ts';
import { clientCredentialsGrant } from './grants/client-credentials-grant.ts';
import { deviceCodeGrant } from './grants/device-code-grant.ts';
import type { Grant } from './grants/grant.ts';
import { passwordGrant } from './grants/password-grant.ts';
import { refreshTokenGrant } from './grants/refresh-token-grant.ts';
import { OAuth2Error } from './oauth2-error.ts';
import { readForm } from './parameters.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';
import type { TokenResponse } from './token-issuer.ts';

const GRANTS: Readonly<Record<GrantType, Grant>> = {
  authorization_code: authorizationCodeGrant,
  refresh_token: refreshTokenGrant,
  client_credentials: clientCredentialsGrant,
  password: passwordGrant,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCodeGrant,
};

/** The token endpoint (RFC 6749, section 3.2). */
export class TokenView extends OAuth2ProtocolView {
  override name = 'Token';

  override async post(request: Request): Promise<TokenResponse> {
    const params = readForm(request);
    refuseSecretInUrl(request);
    const client = await this.authenticateClient(request, params);
    const grantType = this.grantTypeFor(params.require('grant_type'), client);
    return GRANTS[grantType]({ request, provider: this.provider, client, params });
  }

  /** The grant asked for, if the project has it and the client may use it. */
  private grantTypeFor(name: string, client: OAuth2Client): GrantType {
    const { allowPasswordGrant } = this.provider.options;
    if (!Object.hasOwn(GRANTS, name) || (name === 'password' && !allowPasswordGrant)) {
      throw new OAuth2Error('unsupported_grant_type');
    }
    const grantType = name as GrantType;
    if (!client.allows(grantType)) throw new OAuth2Error('unauthorized_client');
    return grantType;
  }
}

/** The token endpoint under the name of the 2014 provider (AU29); there only while the password grant is on. */
export class AccessTokenView extends TokenView {
  override post(request: Request): Promise<TokenResponse> {
    if (!this.provider.options.allowPasswordGrant) throw new Http404();
    return super.post(request);
  }
}

/** Credentials in a URL end in logs (RFC 6749, section 2.3.1). */
function refuseSecretInUrl(request: Request): void {
  for (const name of ['client_secret', 'password', 'refresh_token', 'code']) {
    if (request.queryParams.has(name)) throw new OAuth2Error('invalid_request', `${name} must not be in the URL.`);
  }
}
