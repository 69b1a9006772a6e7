import { timingSafeEqual } from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import { type AbstractUser, hashOpaqueToken, makeOpaqueToken, randomLetters } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { type ClientAuthMethod, type ClientType, type GrantType, grantTypes, OAuth2Client } from './client.ts';
import { type ClientCredentials, invalidClient } from './client-credentials.ts';
import type { ClientProblems } from './client-problems.ts';
import { tokenPrefixes } from './token-prefix.ts';
import type { OAuth2Provider } from './provider.ts';
import { redirectUriProblem } from './redirect-uri.ts';

/** What {@link createClient} is told. */
export interface NewClient {
  readonly name: string;
  readonly clientType: ClientType;
  readonly grants: readonly GrantType[];
  readonly redirectUris?: readonly string[];
  /** Where users may be sent after they logged out (OpenID Connect RP-Initiated Logout 1.0, section 3.1). */
  readonly postLogoutRedirectUris?: readonly string[];
  /** With which algorithm its ID tokens are signed. Default null: the provider's. */
  readonly idTokenAlgorithm?: string | null;
  /** Default every scope of the project. */
  readonly scopes?: readonly string[];
  readonly owner?: AbstractUser | null;
  /** Default 32 random letters and digits. */
  readonly clientId?: string;
  /** Default `client_secret`: the client chooses between header and body. */
  readonly authMethod?: ClientAuthMethod;
  readonly skipConsent?: boolean;
  readonly firstParty?: boolean;
  readonly isResourceServer?: boolean;
}

/** A client with its secret, which is kept nowhere: show it once. */
export interface ClientWithSecret {
  readonly client: OAuth2Client;
  /** Null for a public client. */
  readonly secret: string | null;
}

/** Looks for what may not be in a client, whoever writes it. */
export function clientProblems(client: OAuth2Client, provider: OAuth2Provider): ClientProblems {
  const problems: ClientProblems = {};
  if (client.name.trim() === '' || client.name.length > 255) problems.name = 'Give a name of at most 255 characters.';
  if (/\p{Cc}/u.test(client.name)) problems.name = 'A name has no control characters.';
  // An id that could be a user's would let a client pose as one where both stand in the same place (RFC 9700, section 4.15).
  if (!/^[\w.~-]{8,255}$/.test(client.clientId) || /^[\d-]+$/.test(client.clientId)) {
    problems.clientId = 'A client id is 8 to 255 letters, digits and - . _ ~, not digits alone.';
  }
  const grant = client.grants.find((name) => !grantTypes.includes(name));
  if (client.grants.length === 0 && !client.isResourceServer) problems.grants = 'Choose at least one grant.';
  else if (grant !== undefined) problems.grants = `${grant} is none of ${grantTypes.join(', ')}.`;
  else if (client.isPublic && client.allows('client_credentials')) {
    problems.grants = 'A public client has no credentials of its own: client_credentials needs a confidential one.';
  } else if (client.isPublic && client.allows('password')) {
    problems.grants = 'The password grant needs a confidential client.';
  } else if (client.allows('password') && !provider.options.allowPasswordGrant) {
    problems.grants = 'The password grant is off: set allowPasswordGrant in oauth2() first.';
  }
  if (client.allows('authorization_code') && client.redirectUris.length === 0) {
    problems.redirectUris = 'The grant authorization_code needs a redirect URI.';
  }
  for (const property of ['redirectUris', 'postLogoutRedirectUris'] as const) {
    for (const uri of client[property]) {
      const problem = redirectUriProblem(uri);
      if (problem !== null) problems[property] = `${uri} ${problem}.`;
    }
  }
  if (client.scopes.length === 0 && !client.isResourceServer) problems.scopes = 'Choose at least one scope.';
  const scope = client.scopes.find((name) => !Object.hasOwn(provider.scopes, name));
  if (scope !== undefined) problems.scopes = `${scope} is no scope of this project.`;
  if (client.isPublic !== (client.authMethod === 'none')) {
    problems.authMethod = 'Public clients have the method none, confidential ones another.';
  }
  if (client.skipConsent && !client.firstParty)
    problems.skipConsent = 'Only a first-party client may skip the consent.';
  return Object.assign(problems, ...provider.extensions.map((extension) => extension.clientProblems?.(client)));
}

/** Throws ImproperlyConfigured for a client with problems. */
export function checkClient(client: OAuth2Client, provider: OAuth2Provider): void {
  for (const [property, problem] of Object.entries(clientProblems(client, provider))) {
    throw new ImproperlyConfigured(`OAuth2 client ${JSON.stringify(client.name)}, ${property}: ${problem}`);
  }
}

/** Makes a client of what somebody wants, unsaved and unchecked. */
export function newClient(provider: OAuth2Provider, wanted: NewClient): ClientWithSecret {
  const now = provider.now();
  const client = new OAuth2Client();
  client.clientId = wanted.clientId ?? randomLetters(32);
  client.name = wanted.name;
  client.clientType = wanted.clientType;
  client.grants = [...wanted.grants];
  client.redirectUris = [...(wanted.redirectUris ?? [])];
  client.postLogoutRedirectUris = [...(wanted.postLogoutRedirectUris ?? [])];
  client.idTokenAlgorithm = wanted.idTokenAlgorithm ?? null;
  client.scopes = [...(wanted.scopes ?? provider.scopeNames)];
  client.authMethod = wanted.authMethod ?? (client.isPublic ? 'none' : 'client_secret');
  client.jwks = null;
  client.owner = wanted.owner ?? null;
  client.skipConsent = wanted.skipConsent ?? false;
  client.firstParty = wanted.firstParty ?? false;
  client.isResourceServer = wanted.isResourceServer ?? false;
  client.source = 'provider';
  client.about = null;
  client.registrationTokenHash = null;
  client.firstUsed = null;
  client.documentExpires = null;
  client.active = true;
  client.created = now;
  client.updated = now;
  return { client, secret: giveSecret(client) };
}

/**
 * Registers a client and returns it with its secret, if it has one.
 *
 * Throws ImproperlyConfigured for a client that may not be, for instance one with a wildcard in a redirect URI.
 */
export async function createClient(
  manager: EntityManager,
  provider: OAuth2Provider,
  wanted: NewClient,
): Promise<ClientWithSecret> {
  const made = newClient(provider, wanted);
  checkClient(made.client, provider);
  await manager.save(made.client);
  return made;
}

/** Gives a confidential client a new secret, which ends the old one at once. Returns it; null for a public client. */
export async function rotateClientSecret(
  manager: EntityManager,
  provider: OAuth2Provider,
  client: OAuth2Client,
): Promise<string | null> {
  const secret = giveSecret(client);
  client.updated = provider.now();
  await updateClient(manager, client, ['secretHash', 'updated']);
  return secret;
}

/**
 * Stores these properties of a client that is there already, and no others: it may have been deactivated or deleted since it was
 * read. False when it is gone.
 */
export async function updateClient(
  manager: EntityManager,
  client: OAuth2Client,
  properties: readonly (keyof OAuth2Client)[],
): Promise<boolean> {
  const changes = Object.fromEntries(properties.map((name) => [name, client[name]]));
  const { affected } = await manager.update(OAuth2Client, { id: client.id }, changes);
  return affected === 1;
}

/** Sets the hash of a new secret, of none for a public client. */
export function giveSecret(client: OAuth2Client): string | null {
  const secret = client.isPublic ? null : makeOpaqueToken(tokenPrefixes.clientSecret);
  client.secretHash = secret === null ? null : hashOpaqueToken(secret);
  return secret;
}

/** The client with this id, active or not; null when there is none. */
export function findClient(manager: EntityManager, clientId: string): Promise<OAuth2Client | null> {
  return manager.findOne(OAuth2Client, { where: { clientId }, relations: { owner: true } });
}

/**
 * The client that credentials belong to. A confidential one must show its secret, in the way it is registered for.
 *
 * Throws OAuth2Error `invalid_client`, which does not tell what was wrong.
 */
export async function authenticateClient(
  manager: EntityManager,
  credentials: ClientCredentials,
): Promise<OAuth2Client> {
  const client = await findClient(manager, credentials.clientId);
  // Hashed and compared for unknown clients too.
  const shown = Buffer.from(hashOpaqueToken(credentials.clientSecret ?? ''));
  const kept = Buffer.from(client?.secretHash ?? '0'.repeat(64));
  const isSecret = shown.length === kept.length && timingSafeEqual(shown, kept);
  if (client === null || !client.active) throw invalidClient();
  if (client.isPublic) {
    if (credentials.method !== 'none') throw invalidClient();
    return client;
  }
  const isMethod =
    client.authMethod === 'client_secret' ? credentials.method !== 'none' : client.authMethod === credentials.method;
  if (client.secretHash === null || !isSecret || !isMethod) throw invalidClient();
  return client;
}
