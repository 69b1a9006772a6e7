import { parseAuthorization, parseAuthParams } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import type { EncodedParameter } from './base-string.ts';
import { OAuth1BadRequest } from './oauth1-error.ts';
import { encodeFormText, percentDecode } from './percent-encoding.ts';

/** What a signed request says of itself. */
export interface SignedParameters {
  /** Decoded values of the parameters whose names begin with `oauth_`. */
  readonly protocol: ReadonlyMap<string, string>;
  /** Every parameter that is signed, in the spelling that is signed. */
  readonly signed: readonly EncodedParameter[];
}

/** What shows that OAuth is attempted, in the order in which missing ones are named (AU27). */
export const requiredParameters = [
  'oauth_consumer_key',
  'oauth_token',
  'oauth_signature',
  'oauth_signature_method',
  'oauth_timestamp',
  'oauth_nonce',
] as const;

/**
 * The parameters of a request that is signed by OAuth 1.0a, from header, query and form (RFC 5849, section 3.4.1.3.1); null when
 * it is not. The form is looked at only when a view reads forms.
 *
 * Throws OAuth1BadRequest when a parameter of the protocol comes twice, wherever, or is not encoded as section 3.6 says, and for any
 * other parameter in the header.
 */
export async function readSignedParameters(request: Request): Promise<SignedParameters | null> {
  const inHeader = readHeader(request);
  const inQuery = readPairs(request.queryString);
  const inForm = await readForm(request, inHeader !== null || inQuery.some(isRequired));
  const all = [...(inHeader ?? []), ...inQuery, ...inForm];
  if (inHeader === null && !all.some(isRequired)) return null;
  const protocol = new Map<string, string>();
  for (const [name, value] of all) {
    if (!name.startsWith('oauth_')) continue;
    const text = percentDecode(value);
    if (text === null) throw new OAuth1BadRequest(`The parameter ${name} is not UTF-8.`);
    if (protocol.has(name)) throw new OAuth1BadRequest(`The parameter ${name} was sent more than once.`);
    protocol.set(name, text);
  }
  return { protocol, signed: all.filter(([name]) => name !== 'oauth_signature') };
}

const isRequired = ([name]: EncodedParameter): boolean => (requiredParameters as readonly string[]).includes(name);

/** Parameters of `Authorization: OAuth …` but the realm; null for another scheme, or for none. */
function readHeader(request: Request): readonly EncodedParameter[] | null {
  const header = parseAuthorization(request);
  if (header === null || header.scheme !== 'oauth') return null;
  const found: EncodedParameter[] = [];
  for (const [name, value] of parameters(header.rest)) {
    if (name.toLowerCase() === 'realm') continue;
    // It would be signed as if it stood in the query or form, where views read it: it could have been taken out of there.
    if (!name.startsWith('oauth_')) {
      throw new OAuth1BadRequest('The Authorization header has a parameter that does not belong to OAuth.');
    }
    // One spelling only: what is read must be what was signed.
    if (percentDecode(name) === null || percentDecode(value) === null) {
      throw new OAuth1BadRequest('A parameter of the Authorization header is not percent-encoded.');
    }
    found.push([name, value]);
  }
  return found;
}

function parameters(text: string): ReadonlyMap<string, string> {
  try {
    return parseAuthParams(text, { keepCase: true });
  } catch (error) {
    if (error instanceof AuthenticationFailed) throw new OAuth1BadRequest(String(error.detail));
    throw error;
  }
}

async function readForm(request: Request, isAttempted: boolean): Promise<readonly EncodedParameter[]> {
  if (!request.hasBody || !isUrlEncoded(request.contentType)) return [];
  // A view that takes the stream itself must find it unread, unless what is in it was signed.
  if (!isAttempted && !request.view.parsesBody) return [];
  return readPairs((await request.rawBody()).toString('latin1'));
}

/** The one kind of body that is signed; others are outside of the signature, multipart forms too. */
export const isUrlEncoded = (contentType: string): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded';

/** The pairs of a query or form, each byte a character. */
function readPairs(text: string): readonly EncodedParameter[] {
  if (text === '') return [];
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at === -1
        ? ([encodeFormText(pair), ''] as const)
        : ([encodeFormText(pair.slice(0, at)), encodeFormText(pair.slice(at + 1))] as const);
    });
}
