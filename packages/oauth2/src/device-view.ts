import { type AbstractUser, throttleLogin } from '@rf/auth';
import { db } from '@rf/orm';
import type { HttpResponse, Request } from '@rf/views';
import { In } from 'typeorm';
import { OAuth2DeviceCode } from './device-code.ts';
import { PageView } from './page-view.ts';
import { deviceConsentPage, deviceDonePage, userCodePage } from './pages/device-pages.ts';
import { type Parameters, readForm } from './parameters.ts';
import { scopeNames } from './scope.ts';
import { lockFamily } from './token-family.ts';
import { hashUserCode, readUserCode } from './user-code.ts';

/** How many codes may be tried. */
const ATTEMPTS = { account: '10/min', address: '60/min' };

/** Where a person types the code that a device shows, and allows or refuses it (RFC 8628, section 3.3). */
export class DeviceView extends PageView {
  override name = 'Connect a device';

  override get(request: Request): HttpResponse {
    this.requireUser(request);
    // A code in the address only saves typing: the person still compares and decides.
    return userCodePage(this.csrfField(request), request.queryParams.get('user_code') ?? '', null);
  }

  override async post(request: Request): Promise<HttpResponse> {
    const user = this.requireUser(request);
    const params = readForm(request);
    const typed = params.get('user_code') ?? '';
    // Short codes may not be tried one after another (RFC 8628, section 5.1).
    await throttleLogin(request, `device code, user ${user.id}`, ATTEMPTS);
    const code = await this.findWaiting(typed);
    if (code === null)
      return userCodePage(this.csrfField(request), typed, 'This code is not valid, or no longer.', 400);
    const decision = params.get('decision');
    if (decision === null) return this.showConsent(request, code, readUserCode(typed) as string);
    return this.decide(request, user, code, params);
  }

  private showConsent(request: Request, code: OAuth2DeviceCode, userCode: string): HttpResponse {
    return deviceConsentPage({
      client: code.client,
      username: request.user.getUsername(),
      scopes: this.describeScopes(scopeNames(code.scope)),
      userCode,
      csrf: this.csrfField(request),
    });
  }

  private async decide(
    request: Request,
    user: AbstractUser,
    { id, family }: OAuth2DeviceCode,
    params: Parameters,
  ): Promise<HttpResponse> {
    const allowed = params.get('decision') === 'allow';
    const now = this.provider.now();
    const isFirst = await this.provider.alone(async (manager) => {
      await lockFamily(manager, family);
      const code = await manager.findOneBy(OAuth2DeviceCode, { id });
      if (code === null || !isWaiting(code, now)) return false;
      const decision = allowed ? { allowedAt: now } : { deniedAt: now };
      await manager.update(OAuth2DeviceCode, { id }, { user, ...decision });
      return true;
    });
    if (!isFirst) return userCodePage(this.csrfField(request), '', 'This code is not valid, or no longer.', 400);
    return deviceDonePage(allowed);
  }

  private async findWaiting(typed: string): Promise<OAuth2DeviceCode | null> {
    const userCode = readUserCode(typed);
    if (userCode === null) return null;
    const code = await db(this.site).findOne(OAuth2DeviceCode, {
      where: { userCodeHash: In([...hashUserCode(this.provider, userCode)]) },
      relations: { client: true },
    });
    return code !== null && code.client.active && isWaiting(code, this.provider.now()) ? code : null;
  }
}

/** Nobody has decided yet, and there is still time. */
function isWaiting({ allowedAt, deniedAt, usedAt, expires }: OAuth2DeviceCode, now: Date): boolean {
  return allowedAt === null && deniedAt === null && usedAt === null && now < expires;
}
