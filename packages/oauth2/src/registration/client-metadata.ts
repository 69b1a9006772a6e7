import type { ClientAuthMethod, ClientDescription, GrantType, OAuth2Client } from '../client.ts';
import { OAuth2Error, type OAuth2ErrorCode } from '../oauth2-error.ts';
import { redirectUriProblem } from '../redirect-uri.ts';
import { formatScope, parseScope } from '../scope.ts';

/** Members of client metadata as they came, null ones left out: null says the same as nothing (RFC 7592, section 2.2). */
export type ClientMembers = Readonly<Record<string, unknown>>;

/** What such clients may have. */
export interface ClientLimits {
  readonly grants: readonly GrantType[];
  readonly scopes: readonly string[];
}

/** What metadata says of a client. */
export type DescribedClient = Pick<
  OAuth2Client,
  'name' | 'clientType' | 'authMethod' | 'grants' | 'redirectUris' | 'postLogoutRedirectUris' | 'scopes' | 'about'
>;

const MAX_REDIRECT_URIS = 20;
const MAX_CONTACTS = 10;
const MAX_TEXT = 255;
const MAX_URI = 2000;

/** Grants that only a client with a secret can use. */
const NEEDS_SECRET: readonly GrantType[] = ['client_credentials', 'password'];

/** What turns the direction of text around, which would make a name read as another. */
const UNREADABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Halves of characters, which no database takes. */
const ILL_FORMED = /\p{Cs}/u;

/** The members of a JSON value. Throws OAuth2Error `invalid_client_metadata` for anything but an object. */
export function clientMembers(value: unknown): ClientMembers {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw refusal('The body must be a JSON object.');
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

/**
 * Reads client metadata (RFC 7591, section 2). Members that mean nothing here are ignored; grants and scopes that such clients may
 * not have are left out, as section 3.2.1 allows, unless none is left.
 *
 * Throws OAuth2Error `invalid_redirect_uri`, `invalid_client_metadata` or `unapproved_software_statement`.
 */
export function readClientMetadata(members: ClientMembers, limits: ClientLimits, clientId: string): DescribedClient {
  if (members.software_statement !== undefined) {
    throw new OAuth2Error('unapproved_software_statement', 'Software statements are not taken here.');
  }
  const authMethod = readAuthMethod(members);
  const isPublic = authMethod === 'none';
  const grants = readGrants(members, limits.grants, isPublic);
  checkResponseTypes(members, grants);
  return {
    name: readText(members, 'client_name') ?? clientId,
    clientType: isPublic ? 'public' : 'confidential',
    authMethod,
    grants,
    redirectUris: readRedirectUris(members, grants),
    postLogoutRedirectUris: readUris(members, 'post_logout_redirect_uris'),
    scopes: readScopes(members, limits.scopes),
    about: readDescription(members),
  };
}

/** The metadata of a client as it is registered (RFC 7591, section 3.2.1). */
export function clientMetadataOf(client: OAuth2Client): Readonly<Record<string, unknown>> {
  const { name, clientId, authMethod, grants, redirectUris, postLogoutRedirectUris, scopes, about } = client;
  return {
    ...(name !== clientId && { client_name: name }),
    redirect_uris: redirectUris,
    ...(postLogoutRedirectUris.length > 0 && { post_logout_redirect_uris: postLogoutRedirectUris }),
    token_endpoint_auth_method: authMethod === 'client_secret' ? 'client_secret_basic' : authMethod,
    grant_types: grants,
    response_types: client.allows('authorization_code') ? ['code'] : [],
    scope: formatScope(scopes),
    ...about,
  };
}

const refusal = (description: string, error: OAuth2ErrorCode = 'invalid_client_metadata'): OAuth2Error =>
  new OAuth2Error(error, description);

function readAuthMethod({ token_endpoint_auth_method: method }: ClientMembers): ClientAuthMethod {
  // Left out, it means client_secret_basic; clients that leave it out use either.
  if (method === undefined) return 'client_secret';
  if (method === 'none' || method === 'client_secret_basic' || method === 'client_secret_post') return method;
  throw refusal('token_endpoint_auth_method must be none, client_secret_basic or client_secret_post.');
}

function readGrants(members: ClientMembers, allowed: readonly GrantType[], isPublic: boolean): GrantType[] {
  const wanted = readTexts(members, 'grant_types') ?? ['authorization_code'];
  const grants = allowed.filter((name) => wanted.includes(name) && !(isPublic && NEEDS_SECRET.includes(name)));
  if (!grants.some((name) => name !== 'refresh_token')) {
    throw refusal(`grant_types must have one of ${allowed.filter((name) => name !== 'refresh_token').join(', ')}.`);
  }
  return grants;
}

/** Response types and grants go together (RFC 7591, section 2.1). */
function checkResponseTypes(members: ClientMembers, grants: readonly GrantType[]): void {
  const types = readTexts(members, 'response_types');
  if (types === undefined) return;
  if (types.some((type) => type !== 'code')) throw refusal('response_types must have nothing but code.');
  if (types.includes('code') !== grants.includes('authorization_code')) {
    throw refusal('response_types has code exactly when grant_types has authorization_code.');
  }
}

function readRedirectUris(members: ClientMembers, grants: readonly GrantType[]): string[] {
  const uris = readUris(members, 'redirect_uris');
  if (uris.length > 0 || !grants.includes('authorization_code')) return uris;
  throw refusal('The grant authorization_code needs redirect_uris.', 'invalid_redirect_uri');
}

function readUris(members: ClientMembers, name: 'redirect_uris' | 'post_logout_redirect_uris'): string[] {
  const wrong = (description: string): OAuth2Error => refusal(description, 'invalid_redirect_uri');
  const uris = members[name] ?? [];
  if (!isTexts(uris)) throw wrong(`${name} must be a list of texts.`);
  if (uris.length > MAX_REDIRECT_URIS) throw wrong(`${name} must be at most ${MAX_REDIRECT_URIS}.`);
  for (const uri of uris) {
    if (uri.length > MAX_URI) throw wrong(`A redirect URI has at most ${MAX_URI} characters.`);
    const problem = redirectUriProblem(uri);
    if (problem !== null) throw wrong(`${uri} ${problem}.`);
  }
  return [...new Set(uris)];
}

function readScopes({ scope }: ClientMembers, allowed: readonly string[]): string[] {
  if (scope === undefined || scope === '') return [...allowed];
  const wanted = typeof scope === 'string' ? parseScope(scope) : null;
  if (wanted === null) throw refusal('scope must be words separated by one space.');
  const scopes = wanted.filter((name) => allowed.includes(name));
  if (scopes.length === 0) throw refusal(`scope must have one of ${allowed.join(', ')}.`);
  return scopes;
}

function readDescription(members: ClientMembers): ClientDescription {
  const contacts = readTexts(members, 'contacts');
  if (contacts !== undefined && contacts.length > MAX_CONTACTS)
    throw refusal(`contacts must be at most ${MAX_CONTACTS}.`);
  const found = {
    client_uri: readWebAddress(members, 'client_uri'),
    logo_uri: readWebAddress(members, 'logo_uri'),
    tos_uri: readWebAddress(members, 'tos_uri'),
    policy_uri: readWebAddress(members, 'policy_uri'),
    contacts,
    software_id: readText(members, 'software_id'),
    software_version: readText(members, 'software_version'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Something that people read; one without a letter counts as left out. */
function readText(members: ClientMembers, name: string): string | undefined {
  const text = members[name];
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || text.length > MAX_TEXT || !isReadable(text)) {
    throw refusal(`${name} must be a text of at most ${MAX_TEXT} characters, without control characters.`);
  }
  return text.trim() === '' ? undefined : text.trim();
}

function readTexts(members: ClientMembers, name: string): readonly string[] | undefined {
  const texts = members[name];
  if (texts === undefined) return undefined;
  if (!isTexts(texts) || texts.some((text) => text.length > MAX_TEXT || !isReadable(text))) {
    throw refusal(`${name} must be a list of texts.`);
  }
  return texts;
}

function readWebAddress(members: ClientMembers, name: string): string | undefined {
  const uri = members[name];
  if (uri === undefined || uri === '') return undefined;
  const isAddress =
    typeof uri === 'string' && uri.length <= MAX_URI && /^https?:\/\/[\x21-\x7e]+$/.test(uri) && URL.canParse(uri);
  if (!isAddress) throw refusal(`${name} must be an address on the web.`);
  return uri;
}

const isReadable = (text: string): boolean => !UNREADABLE.test(text) && !ILL_FORMED.test(text);

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
