import { redirectUriProblem } from '../redirect-uri.ts';
import {
  type ClientLimits,
  clientMembers,
  type DescribedClient,
  readClientMetadata,
} from '../registration/client-metadata.ts';
import { DocumentFailure } from './document-failure.ts';

/** Members of a key that only its owner may know (RFC 7517, section 9.3; RFC 7518, section 6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * What a document says of the client at its address (draft-ietf-oauth-client-id-metadata-document, section 4).
 *
 * One document is for every server: redirect URIs, grants and scopes that are nothing here are left out, unless none is left. Throws
 * DocumentFailure for a document of another client, or with secrets; OAuth2Error as `readClientMetadata()` does.
 */
export function readDocument(value: unknown, clientId: string, limits: ClientLimits): DescribedClient {
  const members = clientMembers(value);
  if (members.client_id !== clientId) throw new DocumentFailure('its client_id is not its address');
  const secret = ['client_secret', 'client_secret_expires_at'].find((name) => members[name] !== undefined);
  if (secret !== undefined) throw new DocumentFailure(`it has ${secret}`);
  const { token_endpoint_auth_method: method = 'none', response_types: types, redirect_uris: uris } = members;
  if (method !== 'none') throw new DocumentFailure('its token_endpoint_auth_method is not none');
  if (types !== undefined && !(Array.isArray(types) && types.includes('code'))) {
    throw new DocumentFailure('its response_types do not have code');
  }
  if (hasPrivateKey(members.jwks)) throw new DocumentFailure('its jwks has a private key');
  return readClientMetadata(
    {
      ...members,
      token_endpoint_auth_method: 'none',
      redirect_uris: Array.isArray(uris) ? uris.filter(isUsable) : uris,
      response_types: undefined,
      software_statement: undefined,
    },
    limits,
    clientId,
  );
}

const isUsable = (uri: unknown): boolean => typeof uri !== 'string' || redirectUriProblem(uri) === null;

function hasPrivateKey(jwks: unknown): boolean {
  const keys = isObject(jwks) ? jwks.keys : undefined;
  return Array.isArray(keys) && keys.some((key) => isObject(key) && PRIVATE_MEMBERS.some((name) => name in key));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
