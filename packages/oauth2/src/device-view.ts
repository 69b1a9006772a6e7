import { type AbstractUser, html, loginTime, throttleLogin } from '@rf/auth';
import { db } from '@rf/orm';
import type { HttpResponse, Request } from '@rf/views';
import { In } from 'typeorm';
import { OAuth2DeviceCode } from './device-code.ts';
import { PageView } from './page-view.ts';
import { deviceConsentBody, userCodeBody } from './pages/device-pages.ts';
import { type Parameters, readForm } from './parameters.ts';
import { scopeNames } from './scope.ts';
import { lockFamily } from './token-family.ts';
import { hashUserCode, readUserCode } from './user-code.ts';

/** How many codes may be tried. */
const ATTEMPTS = { account: '10/min', address: '60/min' };

const NOTHING_TO_ALLOW = 'You may allow nothing of what this device asks for.';
const INVALID_CODE = 'This code is not valid, or no longer.';

/** Where a person types the code that a device shows, and allows or refuses it (RFC 8628, section 3.3). */
export class DeviceView extends PageView {
  override name = 'Connect a device';

  override async get(request: Request): Promise<HttpResponse> {
    await this.requireUser(request);
    // A code in the address only saves typing: the person still compares and decides.
    return this.askForCode(request.queryParams.get('user_code') ?? '');
  }

  override async post(request: Request): Promise<HttpResponse> {
    const user = await this.requireUser(request);
    const params = readForm(request);
    const typed = params.get('user_code') ?? '';
    // Short codes may not be tried one after another (RFC 8628, section 5.1).
    await throttleLogin(request, `device code, user ${user.id}`, ATTEMPTS);
    const code = await this.findWaiting(typed);
    if (code === null) return this.askForCode(typed, INVALID_CODE);
    const decision = params.get('decision');
    if (decision === null) return this.showConsent(user, code, readUserCode(typed) as string);
    return this.decide(user, code, params);
  }

  private askForCode(typed: string, error: string | null = null): HttpResponse {
    return this.show(this.name, userCodeBody(this.csrfInput, typed, error), error === null ? 200 : 400);
  }

  private async showConsent(user: AbstractUser, code: OAuth2DeviceCode, userCode: string): Promise<HttpResponse> {
    const allowed = await this.provider.scopesFor(code.client, user, this.request);
    const scopes = scopeNames(code.scope).filter((name) => allowed.includes(name));
    if (scopes.length === 0) return this.askForCode(userCode, NOTHING_TO_ALLOW);
    const body = deviceConsentBody({
      client: code.client,
      username: user.getUsername(),
      scopes: this.describeScopes(scopes),
      resources: this.describeResources(code.resources),
      userCode,
      csrf: this.csrfInput,
    });
    return this.show(`Allow ${code.client.name}?`, body);
  }

  private async decide(
    user: AbstractUser,
    { id, family }: OAuth2DeviceCode,
    params: Parameters,
  ): Promise<HttpResponse> {
    const allowed = params.get('decision') === 'allow';
    const now = this.provider.now();
    const authenticatedAt = await loginTime(this.request);
    const isFirst = await this.provider.alone(async (manager) => {
      await lockFamily(manager, family);
      const code = await manager.findOneBy(OAuth2DeviceCode, { id });
      if (code === null || !isWaiting(code, now)) return false;
      const decision = allowed ? { allowedAt: now } : { deniedAt: now };
      await manager.update(OAuth2DeviceCode, { id }, { user, authenticatedAt, ...decision });
      return true;
    });
    if (!isFirst) return this.askForCode('', INVALID_CODE);
    if (!allowed) return this.show('Device refused', html`<p>The device was not connected.</p>`);
    return this.show('Device connected', html`<p>You can return to your device.</p>`);
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
