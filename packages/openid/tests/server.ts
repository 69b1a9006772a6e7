import { createPublicKey, verify } from 'node:crypto';
import { createSigningKey, type JwtAlgorithm, type JwtOptions, jwt } from '@rf/jwt';
import { type ClientWithSecret, OAuth2Client } from '@rf/oauth2';
import { type OpenIdOptions, openid, openidUrls } from '@rf/openid';
import { db } from '@rf/orm';
import { users } from '@rf/auth';
import {
  type Answer,
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  obtainTokens,
  send,
  type Server,
  type ServerOptions,
  startServer,
  VERIFIER,
} from '../../oauth2/tests/server.ts';

export { type Answer, authorize, browserOf, CALLBACK, obtainTokens, send, type Server, VERIFIER };
export type { Browser, Page } from '../../oauth2/tests/server.ts';

/** What a test may change of a project with OpenID Connect. */
export interface OpenIdServerOptions extends ServerOptions {
  readonly openid?: OpenIdOptions;
  readonly jwt?: JwtOptions;
  /** Keys that are there from the start, the newest last. Default one for RS256. */
  readonly keys?: readonly JwtAlgorithm[];
}

/** Starts a provider with the users alice, who has a name and an address, bob, and the inactive ivan. */
export async function startOpenId(options: OpenIdServerOptions = {}): Promise<Server> {
  const { openid: openidOptions, jwt: jwtOptions = { keys: 'table' }, keys = ['RS256'], ...rest } = options;
  const server = await startServer({
    ...rest,
    apps: [jwt(jwtOptions), openid(openidOptions), ...(rest.apps ?? [])],
    urls: [openidUrls('/oauth2/'), ...(rest.urls ?? [])],
  });
  for (const algorithm of keys) {
    await createSigningKey(server.site, algorithm);
    server.clock.now += 1000;
  }
  await users(server.site).update(
    { username: 'alice' },
    { firstName: 'Alice', lastName: 'Liddell', email: 'alice@example.com' },
  );
  return server;
}

/** A client that lives for the tests that change it. */
export async function changeClient(
  server: Server,
  { clientId }: OAuth2Client,
  changes: Partial<OAuth2Client>,
): Promise<void> {
  await db(server.site).update(OAuth2Client, { clientId }, changes as object);
}

/** Tokens of the code grant with the scope `openid`. */
export const obtainIdToken = (
  server: Server,
  made: ClientWithSecret,
  params: Readonly<Record<string, string>> = {},
  username = 'alice',
): Promise<any> => obtainTokens(server, made, { username, params: { scope: 'openid', ...params } });

/** Exchanges a refresh token. */
export const refresh = (
  server: Server,
  { client, secret }: ClientWithSecret,
  refreshToken: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  send(`${server.url}/oauth2/token/`, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: client.clientId,
    ...(secret !== null && { client_secret: secret }),
    ...more,
  });

/** A JWT taken apart, unverified. */
export function partsOf(token: string): { header: any; claims: any } {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(header), claims: read(claims) };
}

/** Claims of an ID token whose signature is that of the published key which it names. */
export async function verifiedClaims(server: Server, token: string): Promise<any> {
  const { header, claims } = partsOf(token);
  const { jwks_uri: jwksUri } = await configuration(server);
  const { keys }: any = await (await fetch(jwksUri)).json();
  const jwk = keys.find(({ kid }: { kid: string }) => kid === header.kid);
  if (jwk?.alg !== header.alg) throw new Error(`no key ${header.kid} for ${header.alg}`);
  const [head, payload, signature = ''] = token.split('.');
  const isRight = verify(
    header.alg.startsWith('Ed') ? null : `sha${header.alg.slice(2)}`,
    Buffer.from(`${head}.${payload}`),
    {
      key: createPublicKey({ key: jwk, format: 'jwk' }),
      dsaEncoding: 'ieee-p1363',
      ...(header.alg.startsWith('PS') && { padding: 6, saltLength: 32 }),
    },
    Buffer.from(signature, 'base64url'),
  );
  if (!isRight) throw new Error('the signature is wrong');
  return claims;
}

/** The discovery document. */
export async function configuration(server: Server): Promise<any> {
  return (await fetch(`${server.url}/.well-known/openid-configuration`)).json();
}

/** Asks UserInfo with a token. */
export async function userInfo(server: Server, token: string | null, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${server.url}/oauth2/userinfo/`, {
    ...init,
    headers: { ...(init.headers as object), ...(token !== null && { authorization: `Bearer ${token}` }) },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Path and query of an authorization request. */
export function requestFor(client: OAuth2Client, params: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'st',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...params,
  });
  return `/oauth2/authorize/?${query}`;
}
