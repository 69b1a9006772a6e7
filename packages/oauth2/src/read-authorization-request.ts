import { sessionUser } from '@rf/auth';
import type { Request } from '@rf/views';
import type { EntityManager } from 'typeorm';
import type { AuthorizationRequest } from './authorization-request.ts';
import type { OAuth2Client } from './client.ts';
import { findClient } from './clients.ts';
import { isLetIn } from './client-metadata/document-clients.ts';
import { OAuth2Error, type OAuth2ErrorCode } from './oauth2-error.ts';
import type { Parameters } from './parameters.ts';
import { codeChallengeProblem } from './pkce.ts';
import type { OAuth2Provider } from './provider.ts';
import { REAUTHENTICATION } from './reauthentication.ts';
import { addToRedirectUri, isSameRedirectUri, redirectUriProblem } from './redirect-uri.ts';

/** Parameters of an authorization request that are sent on with a form. */
export const authorizationParameters = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'resource',
  'state',
  'code_challenge',
  'code_challenge_method',
  'response_mode',
  'nonce',
  'max_age',
  REAUTHENTICATION,
] as const;

/** What to ask of the user, beside or instead of consent (OpenID Connect Core, section 3.1.2.1). */
const PROMPTS: readonly string[] = ['none', 'login', 'select_account', 'consent'];

/** Where an answer, good or bad, is sent. */
export interface AnswerAddress {
  readonly redirectUri: string;
  readonly state: string | null;
}

/** A refusal that the client is told by a redirect (RFC 6749, section 4.1.2.1). */
export class RedirectedError extends Error {
  override name = 'RedirectedError';

  constructor(
    readonly address: AnswerAddress,
    readonly error: OAuth2ErrorCode,
    readonly description: string | null = null,
  ) {
    super(error);
  }
}

/**
 * Reads and checks an authorization request.
 *
 * Throws OAuth2Error when it is not known that the redirect URI is the client's, so that nobody may be sent there; else
 * RedirectedError.
 */
export async function readAuthorizationRequest(
  manager: EntityManager,
  provider: OAuth2Provider,
  params: Parameters,
  request: Request,
): Promise<AuthorizationRequest> {
  const client = await readClient(manager, provider, params);
  const sentRedirectUri = params.get('redirect_uri');
  const redirectUri = findRedirectUri(client, sentRedirectUri, provider);
  const address = { redirectUri, state: readState(params) };
  try {
    params.refuseDuplicates();
    return { client, sentRedirectUri, params, ...address, ...(await readRest(provider, client, params, request)) };
  } catch (error) {
    if (!(error instanceof OAuth2Error)) throw error;
    throw new RedirectedError(address, error.error, error.description);
  }
}

async function readClient(manager: EntityManager, provider: OAuth2Provider, params: Parameters): Promise<OAuth2Client> {
  const clientId = params.require('client_id');
  const client = /^[\x21-\x7e]{1,255}$/.test(clientId) ? await findClient(manager, clientId) : null;
  if (client === null || !client.active || !isLetIn(provider.site, client))
    throw new OAuth2Error('invalid_request', 'Unknown client.');
  return client;
}

/** The registered redirect URI that the request names, or the only one (RFC 6749, section 3.1.2.3). */
function findRedirectUri(client: OAuth2Client, sent: string | null, provider: OAuth2Provider): string {
  // What reached the table past our checks is not used either.
  const registered = client.redirectUris.filter((uri) => redirectUriProblem(uri) === null);
  const rules = { localhost: provider.options.localhostPorts && client.isPublic };
  if (sent === null) {
    const [only, ...others] = registered;
    if (only === undefined || others.length > 0)
      throw new OAuth2Error('invalid_request', 'Missing redirect_uri parameter.');
    return only;
  }
  if (!registered.some((uri) => isSameRedirectUri(uri, sent, rules))) {
    throw new OAuth2Error('invalid_request', 'Mismatching redirect URI.');
  }
  return sent;
}

/** Sent back as it came; two of them are none. */
function readState(params: Parameters): string | null {
  try {
    return params.get('state');
  } catch {
    return null;
  }
}

async function readRest(
  provider: OAuth2Provider,
  client: OAuth2Client,
  params: Parameters,
  request: Request,
): Promise<Omit<AuthorizationRequest, 'client' | 'redirectUri' | 'sentRedirectUri' | 'state' | 'params'>> {
  if (params.require('response_type') !== 'code') throw new OAuth2Error('unsupported_response_type');
  if (!client.allows('authorization_code')) throw new OAuth2Error('unauthorized_client');
  const responseMode = params.get('response_mode');
  if (responseMode !== null && responseMode !== 'query') {
    throw new OAuth2Error('invalid_request', 'Unsupported response_mode.');
  }
  const challenge = params.get('code_challenge');
  const isRequired = client.isPublic || provider.options.pkceRequired;
  const problem = codeChallengeProblem(challenge, params.get('code_challenge_method'), isRequired);
  if (problem !== null) throw new OAuth2Error('invalid_request', problem);
  const nonce = params.get('nonce');
  if (nonce !== null && !/^[\x20-\x7e]{1,255}$/.test(nonce)) throw new OAuth2Error('invalid_request', 'Invalid nonce.');
  return {
    scope: await readScope(provider, client, params, request),
    resources: provider.resolveResources(params.getAll('resource'), request),
    challenge,
    nonce,
    prompt: readPrompt(provider, params),
    maxAge: readMaxAge(params),
    reauthentication: params.get(REAUTHENTICATION),
    loginHint: readLoginHint(params),
  };
}

/** As far as who is logged in may give it; whoever is not yet is sent to the login page first. */
async function readScope(
  provider: OAuth2Provider,
  client: OAuth2Client,
  params: Parameters,
  request: Request,
): Promise<readonly string[]> {
  const user = await sessionUser(request);
  const allowed = user === null ? provider.scopesOf(client) : await provider.scopesFor(client, user, request);
  return provider.resolveScope(params.get('scope'), client, allowed);
}

function readPrompt(provider: OAuth2Provider, params: Parameters): ReadonlySet<string> {
  const prompt = new Set(params.get('prompt')?.split(' ') ?? []);
  const known = [...PROMPTS, ...provider.extensions.flatMap(({ prompts = [] }) => prompts)];
  const unknown = [...prompt].find((word) => !known.includes(word));
  if (unknown !== undefined || (prompt.has('none') && prompt.size > 1)) {
    throw new OAuth2Error('invalid_request', 'Unsupported prompt.');
  }
  // The toolkit's and Google's older word for the same.
  if (params.get('approval_prompt') === 'force') prompt.add('consent');
  return prompt;
}

function readMaxAge(params: Parameters): number | null {
  const text = params.get('max_age');
  if (text === null) return null;
  if (!/^\d{1,9}$/.test(text)) throw new OAuth2Error('invalid_request', 'max_age is not a number of seconds.');
  return Number(text);
}

/** Only a help for the form: one that no field could hold is left out. */
function readLoginHint(params: Parameters): string | null {
  const hint = params.get('login_hint');
  return hint !== null && hint.length <= 254 && !/\p{Cc}/u.test(hint) ? hint : null;
}

/** The address of an answer: its parameters, `state`, and `iss` against mix-up (RFC 9207). */
export function answerLocation(
  address: AnswerAddress,
  issuer: string,
  answer: Readonly<Record<string, string | null>>,
): string {
  return addToRedirectUri(address.redirectUri, { ...answer, state: address.state, iss: issuer });
}
