import { IsAuthenticatedOrTokenHasScope } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { type AuthenticationClass, parseRate, type PermissionClass } from '@rf/views';
import { type GrantType, grantTypes } from '../client.ts';
import { INTROSPECTION_SCOPE, REGISTRATION_SCOPE } from '../scope.ts';
import type { ClientLimits } from './client-metadata.ts';

/** Choices for clients that register themselves (RFC 7591). */
export interface RegistrationOptions {
  /** Who may register clients. Default who is logged in; with a token that has scopes, only by the scope `registration`. */
  readonly permissionClasses?: readonly PermissionClass[];
  /** How those who register say who they are. Default the setting `defaultAuthenticationClasses`. */
  readonly authenticationClasses?: readonly AuthenticationClass[];
  /**
   * Grants that such a client may have. Default `authorization_code` and `refresh_token`: `client_credentials` would give anybody
   * who may register tokens with any scope of `scopes`.
   */
  readonly grants?: readonly GrantType[];
  /** Scopes that such a client may have. Default all but `introspection` and `registration`. */
  readonly scopes?: readonly string[];
  /** How many clients one address may register, such as `20/hour`, the default; null for any number. */
  readonly rate?: string | null;
  /** How many clients one user may have registered this way at a time. Default 50. */
  readonly maxClientsPerUser?: number;
}

/** The part of the options that says what clients may have which nobody has looked at. */
type Strangers = Pick<ResolvedRegistrationOptions, 'grants' | 'scopes'>;

/** Options with their defaults, checked. */
export interface ResolvedRegistrationOptions
  extends Required<Omit<RegistrationOptions, 'authenticationClasses' | 'scopes'>> {
  /** Null for those of the project. */
  readonly authenticationClasses: readonly AuthenticationClass[] | null;
  /** Null for all that strangers may have. */
  readonly scopes: readonly string[] | null;
}

/**
 * Fills in defaults; null when clients may not register themselves.
 *
 * Throws ImproperlyConfigured for what cannot work.
 */
export function resolveRegistrationOptions(
  options: RegistrationOptions | undefined,
): ResolvedRegistrationOptions | null {
  if (options === undefined) return null;
  const resolved: ResolvedRegistrationOptions = {
    permissionClasses: [IsAuthenticatedOrTokenHasScope],
    grants: ['authorization_code', 'refresh_token'],
    rate: '20/hour',
    maxClientsPerUser: 50,
    ...options,
    authenticationClasses: options.authenticationClasses ?? null,
    scopes: options.scopes ?? null,
  };
  checkStrangers('registration', resolved);
  if (resolved.permissionClasses.length === 0) {
    fail('registration.permissionClasses is empty. Write [AllowAny] to let anybody register clients, or leave it out.');
  }
  if (resolved.rate !== null) parseRate(resolved.rate);
  if (!(resolved.maxClientsPerUser >= 1)) {
    fail(`registration.maxClientsPerUser: ${resolved.maxClientsPerUser} is not 1 or more.`);
  }
  return resolved;
}

/**
 * What clients may have which nobody has looked at: where the project names no scopes, all that there are but two with which a client
 * could do more than act for people.
 */
export function limitsOf({ grants, scopes }: Strangers, known: readonly string[]): ClientLimits {
  return {
    grants,
    scopes: scopes ?? known.filter((name) => name !== INTROSPECTION_SCOPE && name !== REGISTRATION_SCOPE),
  };
}

/**
 * Throws ImproperlyConfigured for a scope that there is not. Call it when a URL is mounted, since other apps add scopes to the provider.
 */
export function checkStrangersScopes(option: string, { scopes }: Strangers, known: readonly string[]): void {
  const scope = scopes?.find((name) => !known.includes(name));
  if (scope !== undefined) {
    fail(`${option}.scopes: ${JSON.stringify(scope)} is none of scopes (${known.join(', ')}).`);
  }
}

/** Throws ImproperlyConfigured for grants and scopes that such clients cannot have. */
export function checkStrangers(option: string, { grants, scopes }: Strangers): void {
  const grant = grants.find((name) => !grantTypes.includes(name));
  if (grant !== undefined) fail(`${option}.grants: ${JSON.stringify(grant)} is none of ${grantTypes.join(', ')}.`);
  if (grants.includes('password')) {
    fail(`${option}.grants has password: clients that nobody has looked at would see passwords. Take it out.`);
  }
  if (!grants.some((name) => name !== 'refresh_token')) {
    fail(
      `${option}.grants has nothing that a refresh token could come from. Write for instance ['authorization_code'].`,
    );
  }
  if (scopes?.length === 0) fail(`${option}.scopes is empty. Name a scope, or leave it out.`);
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`oauth2(): ${text}`);
}
