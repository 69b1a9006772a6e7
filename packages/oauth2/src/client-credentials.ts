import { OAuth2Error } from './oauth2-error.ts';

/** How a client said who it is. */
export interface ClientCredentials {
  readonly clientId: string;
  /** Null for a client that only names itself. */
  readonly clientSecret: string | null;
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'none';
}

/** The two members of a form that name a client; null for absent. */
export interface ClientForm {
  readonly clientId: string | null;
  readonly clientSecret: string | null;
}

const MAX_HEADER_LENGTH = 8192;
/** Registered ids are of these letters (RFC 6749, appendix A.1); anything else names nobody and reaches no query. */
const CLIENT_ID = /^[\x20-\x7e]{1,255}$/;

/**
 * Reads who a client claims to be from its `Authorization` header and its form (RFC 6749, section 2.3.1).
 *
 * Throws OAuth2Error: `invalid_request` for two ways at once, `invalid_client` for none or an unreadable one.
 */
export function readClientCredentials(authorization: string | undefined, form: ClientForm): ClientCredentials {
  if (authorization !== undefined && authorization !== '') {
    const basic = decodeClientBasic(authorization);
    if (form.clientSecret !== null) {
      throw new OAuth2Error('invalid_request', 'Two client authentication methods were used at once.');
    }
    if (form.clientId !== null && form.clientId !== basic.clientId) {
      throw new OAuth2Error('invalid_request', 'The form and the Authorization header name different clients.');
    }
    return basic;
  }
  const { clientId, clientSecret } = form;
  if (clientId === null || !CLIENT_ID.test(clientId)) throw invalidClient();
  return { clientId, clientSecret, method: clientSecret === null ? 'none' : 'client_secret_post' };
}

/** Reads `Basic …` whose halves are form-encoded before they are joined. Throws OAuth2Error `invalid_client`. */
export function decodeClientBasic(authorization: string): ClientCredentials {
  const match = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization.slice(0, MAX_HEADER_LENGTH + 1));
  const encoded = match?.[1];
  if (authorization.length > MAX_HEADER_LENGTH || encoded === undefined) throw invalidClient();
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  // One spelling only: neither loose Base64 bits nor bytes that are no UTF-8.
  const isCanonical = bytes.toString('base64') === encoded && Buffer.from(text).equals(bytes);
  if (colon === -1 || !isCanonical) throw invalidClient();
  const clientId = formDecode(text.slice(0, colon));
  const clientSecret = formDecode(text.slice(colon + 1));
  if (!CLIENT_ID.test(clientId)) throw invalidClient();
  // No secret after the colon: a public client that some libraries send this way.
  if (clientSecret === '') return { clientId, clientSecret: null, method: 'none' };
  return { clientId, clientSecret, method: 'client_secret_basic' };
}

/** 401; the endpoint adds the challenge, which has the project's realm. */
export function invalidClient(): OAuth2Error {
  return new OAuth2Error('invalid_client', null, { status: 401 });
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidClient();
  }
}
