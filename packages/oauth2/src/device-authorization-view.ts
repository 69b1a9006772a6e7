import { hashOpaqueToken, makeOpaqueToken } from '@rf/auth';
import { randomUUID } from 'node:crypto';
import type { Request } from '@rf/views';
import { db } from '@rf/orm';
import { OAuth2DeviceCode } from './device-code.ts';
import { OAuth2Error } from './oauth2-error.ts';
import { tokenPrefixes } from './token-prefix.ts';
import { readForm } from './parameters.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';
import { formatScope } from './scope.ts';
import { later } from './token-issuer.ts';
import { hashUserCode, makeUserCode } from './user-code.ts';

/** What a device is told (RFC 8628, section 3.2). */
export interface DeviceAuthorization {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** The device authorization endpoint (RFC 8628, section 3.1). */
export class DeviceAuthorizationView extends OAuth2ProtocolView {
  override name = 'Device authorization';

  override async post(request: Request): Promise<DeviceAuthorization> {
    const params = readForm(request);
    const client = await this.authenticateClient(request, params);
    if (!client.allows('urn:ietf:params:oauth:grant-type:device_code')) throw new OAuth2Error('unauthorized_client');
    const { provider } = this;
    const { lifetimes, devicePollSeconds } = provider.options;
    const scope = provider.resolveScope(params.get('scope'), client);
    const resources = provider.resolveResources(params.getAll('resource'), request);
    const deviceCode = makeOpaqueToken(tokenPrefixes.deviceCode);
    const userCode = makeUserCode();
    await db(request).insert(OAuth2DeviceCode, {
      deviceCodeHash: hashOpaqueToken(deviceCode),
      userCodeHash: hashUserCode(provider, userCode)[0],
      client,
      user: null,
      scope: formatScope(scope),
      resources,
      expires: later(provider.now(), lifetimes.deviceCode),
      pollSeconds: devicePollSeconds,
      lastPolled: null,
      allowedAt: null,
      deniedAt: null,
      authenticatedAt: null,
      usedAt: null,
      family: randomUUID(),
    });
    const page = new URL(this.site.urls.reverse([...this.namespaces, 'device'].join(':')), provider.issuer(request))
      .href;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${userCode}`,
      expires_in: lifetimes.deviceCode,
      interval: devicePollSeconds,
    };
  }
}
