import { type AbstractUser, hashOpaqueToken, isUser, makeOpaqueToken, randomLetters } from '@rf/auth';
import { PermissionDenied } from '@rf/exceptions';
import { type BaseAuthentication, type BasePermission, parseRate, type Request, Response } from '@rf/views';
import { OAuth2Client } from '../client.ts';
import { checkClient, newClient } from '../clients.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import { oauth2Resource } from '../provider.ts';
import { REGISTRATION_SCOPE } from '../scope.ts';
import { tokenPrefixes } from '../token-prefix.ts';
import { readClientMetadata } from './client-metadata.ts';
import { checkStrangersScopes, limitsOf } from './registration-options.ts';
import { RegistrationView } from './registration-view.ts';

/** The client registration endpoint (RFC 7591, section 3; OA20). */
export class RegisterView extends RegistrationView {
  override name = 'Register client';
  /** What a token must have whose user registers clients. */
  readonly requiredScopes: readonly string[] = [REGISTRATION_SCOPE];

  override getAuthenticators(): readonly BaseAuthentication[] {
    const classes = this.registration.authenticationClasses ?? this.site.settings.defaultAuthenticationClasses;
    return classes.map((type) => new type());
  }

  override getPermissions(): readonly BasePermission[] {
    // The question that a browser asks first comes without credentials. There is no request while the URL is mounted.
    if ((this.request as Request | undefined)?.method === 'OPTIONS') return [];
    return this.registration.permissionClasses.map((type) => new type());
  }

  /** Throws ImproperlyConfigured for policies and scopes of `oauth2({ registration })` that cannot work here. */
  override checkSetup(): void {
    // `rf check` looks at the views of a project that is not open.
    if ((this.site.optionalResource(oauth2Resource)?.options.registration ?? null) === null) return;
    checkStrangersScopes('registration', this.registration, this.provider.scopeNames);
    for (const authenticator of this.getAuthenticators()) authenticator.checkSetup(this);
    for (const permission of this.getPermissions()) permission.checkSetup(this);
  }

  override async post(request: Request): Promise<Response> {
    const { provider, registration } = this;
    const owner = isUser(request.user) ? request.user : null;
    if (owner !== null && !(await provider.options.mayRegister(owner))) throw new PermissionDenied();
    const clientId = randomLetters(32);
    const described = readClientMetadata(
      this.readMembers(request),
      limitsOf(registration, provider.scopeNames),
      clientId,
    );
    await this.throttle(request);

    const registrationToken = makeOpaqueToken(tokenPrefixes.registrationToken);
    const { client, secret } = newClient(provider, { ...described, clientId, owner });
    client.source = 'registration';
    client.about = described.about;
    client.registrationTokenHash = hashOpaqueToken(registrationToken);
    checkClient(client, provider);
    await this.store(client, owner);
    return new Response(this.describe(request, client, { clientSecret: secret, registrationToken }), { status: 201 });
  }

  /** Counts what would fill the table. Throws Throttled. */
  private async throttle(request: Request): Promise<void> {
    const { rate } = this.registration;
    if (rate === null) return;
    const { limit, windowMs } = parseRate(rate);
    await this.provider.count(`register_${request.remoteAddress}`, limit, windowMs);
  }

  /** Throws OAuth2Error when the user has too many already. */
  private async store(client: OAuth2Client, owner: AbstractUser | null): Promise<void> {
    const isStored = await this.provider.alone(async (manager) => {
      if (owner !== null) {
        // Those who count at once take turns, or each would see a place that is free.
        await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`oauth2 clients of ${owner.id}`]);
        const whose = { owner: { id: owner.id }, source: 'registration' as const };
        if ((await manager.countBy(OAuth2Client, whose)) >= this.registration.maxClientsPerUser) return false;
      }
      await manager.save(client);
      return true;
    });
    if (isStored) return;
    throw new OAuth2Error('access_denied', 'You have registered as many clients as you may. Delete one first.', {
      status: 403,
    });
  }
}
