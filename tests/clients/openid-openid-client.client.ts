import * as openid from 'openid-client';
import { Browser } from '../../packages/oauth2/tests/server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { allow } from './oauth2-server.ts';
import { serveOpenId } from './openid-server.ts';

export const name =
  'openid-client: OpenID discovery, code with PKCE and nonce, ID token, UserInfo, refresh, max_age, log-out';
export const requires: readonly string[] = [];
export const serve = serveOpenId;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { values } = context;
  for (const [id, secret, algorithm] of [
    ['WEB_ID', 'WEB_SECRET', 'RS256'],
    ['CURVE_ID', 'CURVE_SECRET', 'ES256'],
  ] as const) {
    const config = await openid.discovery(
      new URL(baseUrl),
      values[id] as string,
      { id_token_signed_response_alg: algorithm },
      openid.ClientSecretBasic(values[secret] as string),
      { execute: [openid.allowInsecureRequests] },
    );
    // Its signature, too, and not only that it came from the token endpoint.
    openid.enableNonRepudiationChecks(config);
    await logInAndOut(baseUrl, context, config, algorithm);
  }
}

async function logInAndOut(
  baseUrl: string,
  context: ClientContext,
  config: openid.Configuration,
  algorithm: string,
): Promise<void> {
  const browser = new Browser(baseUrl);
  const verifier = openid.randomPKCECodeVerifier();
  const [state, nonce] = [openid.randomState(), openid.randomNonce()];
  const location = openid.buildAuthorizationUrl(config, {
    redirect_uri: context.values.CALLBACK as string,
    scope: 'openid profile email read',
    state,
    nonce,
    max_age: '300',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const answer = await allow(browser, location);
  const tokens = await openid.authorizationCodeGrant(config, answer, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    maxAge: 300,
    idTokenExpected: true,
  });
  const claims = tokens.claims() as openid.IDToken;
  const header = JSON.parse(Buffer.from((tokens.id_token as string).split('.')[0] as string, 'base64url').toString());
  expectSame(context, 'algorithm of the ID token', header.alg, algorithm);
  expectSame(context, 'issuer', claims.iss, baseUrl);

  const { sub, ...person } = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
  expectSame(context, 'UserInfo is of the same subject', sub, claims.sub);
  expectSame(context, 'UserInfo', person, {
    name: 'Alice Liddell',
    given_name: 'Alice',
    family_name: 'Liddell',
    preferred_username: 'alice',
    email: 'alice@example.com',
  });

  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token as string);
  const again = refreshed.claims() as openid.IDToken;
  expectSame(context, 'the same log-in after a refresh', [again.sub, again.auth_time], [claims.sub, claims.auth_time]);

  const silent = openid.buildAuthorizationUrl(config, {
    redirect_uri: context.values.CALLBACK as string,
    scope: 'openid',
    prompt: 'none',
    id_token_hint: refreshed.id_token as string,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const quiet = await openid.authorizationCodeGrant(config, await allow(browser, silent), {
    pkceCodeVerifier: verifier,
  });
  expectSame(context, 'who is logged in, without a page', quiet.claims()?.sub, claims.sub);

  const end = openid.buildEndSessionUrl(config, {
    id_token_hint: refreshed.id_token as string,
    post_logout_redirect_uri: context.values.AFTER as string,
    state: 'bye',
  });
  const gone = await browser.get(end.pathname + end.search);
  expectSame(context, 'where the log-out leads', gone.location, `${context.values.AFTER}?state=bye`);
  const refusal = await browser.get(silent.pathname + silent.search);
  const error = new URL(refusal.location ?? 'about:blank').searchParams.get('error');
  expectSame(context, 'who is logged in after it', error, 'login_required');
  const ended = await openid.fetchUserInfo(config, refreshed.access_token, claims.sub).catch(() => 'refused');
  expectSame(context, 'UserInfo after it', ended, 'refused');
}
