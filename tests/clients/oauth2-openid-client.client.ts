import * as openid from 'openid-client';
import { Browser } from '../../packages/oauth2/tests/server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { allow, serveOAuth2 } from './oauth2-server.ts';

export const name =
  'openid-client: discovery, code with PKCE, refresh, introspection, revocation, client credentials, device, registration';
export const requires: readonly string[] = [];
export const serve = serveOAuth2;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { values } = context;
  const discover = (id: string, secret: string | null): Promise<openid.Configuration> =>
    openid.discovery(
      new URL(baseUrl),
      id,
      undefined,
      secret === null ? openid.None() : openid.ClientSecretBasic(secret),
      { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' },
    );
  const web = await discover(values.WEB_ID as string, values.WEB_SECRET as string);
  expectSame(context, 'issuer', web.serverMetadata().issuer, baseUrl);

  // The code grant: a person in a browser in between.
  const browser = new Browser(baseUrl);
  const tokens = await codeGrant(web, values.CALLBACK as string, browser);
  expectSame(context, 'scope of the code grant', tokens.scope, 'read write');
  expectSame(context, 'notes with it', await notes(web, tokens.access_token, baseUrl), { user: 'alice' });

  const refreshed = await openid.refreshTokenGrant(web, tokens.refresh_token as string, { scope: 'read' });
  expectSame(context, 'scope of the refresh', refreshed.scope, 'read');
  const live = await openid.tokenIntrospection(web, refreshed.access_token);
  expectSame(context, 'introspection', [live.active, live.username, live.scope], [true, 'alice', 'read']);
  await openid.tokenRevocation(web, refreshed.refresh_token as string);
  const dead = await openid.tokenIntrospection(web, refreshed.access_token);
  expectSame(context, 'introspection after the revocation', dead, { active: false });
  const refusal = await notes(web, refreshed.access_token, baseUrl).catch((error: unknown) => error);
  const challenge =
    refusal instanceof openid.WWWAuthenticateChallengeError ? refusal.cause[0]?.parameters.error : refusal;
  expectSame(context, 'challenge after the revocation', challenge, 'invalid_token');

  // A public client on a port of its own.
  const native = await discover(values.NATIVE_ID as string, null);
  const own = await codeGrant(native, 'http://127.0.0.1:51004/cb', browser);
  expectSame(context, 'notes from a native client', await notes(native, own.access_token, baseUrl), { user: 'alice' });

  const machine = await discover(values.MACHINE_ID as string, values.MACHINE_SECRET as string);
  const credentials = await openid.clientCredentialsGrant(machine, { scope: 'read' });
  expectSame(context, 'notes of a machine', await notes(machine, credentials.access_token, baseUrl), { user: '' });

  const television = await discover(values.DEVICE_ID as string, null);
  const started = await openid.initiateDeviceAuthorization(television, { scope: 'read' });
  const polling = openid.pollDeviceAuthorizationGrant(television, started);
  const form = await browser.get(started.verification_uri_complete as string);
  const consent = await browser.submit(started.verification_uri, form, { user_code: started.user_code });
  await browser.submit(started.verification_uri, consent, { decision: 'allow' });
  const shown = await polling;
  expectSame(context, 'notes on a device', await notes(television, shown.access_token, baseUrl), { user: 'alice' });

  // It leaves token_endpoint_auth_method out and then sends its secret in the body.
  const newcomer = await openid.dynamicClientRegistration(
    new URL(baseUrl),
    { client_name: 'Newcomer', redirect_uris: [values.CALLBACK as string] },
    undefined,
    { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' },
  );
  const first = await codeGrant(newcomer, values.CALLBACK as string, browser);
  expectSame(context, 'notes of a newcomer', await notes(newcomer, first.access_token, baseUrl), { user: 'alice' });
}

async function codeGrant(
  config: openid.Configuration,
  redirectUri: string,
  browser: Browser,
): Promise<openid.TokenEndpointResponse> {
  const verifier = openid.randomPKCECodeVerifier();
  const state = openid.randomState();
  const location = openid.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'read write',
    state,
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const answer = await allow(browser, location);
  return openid.authorizationCodeGrant(config, answer, { pkceCodeVerifier: verifier, expectedState: state });
}

async function notes(config: openid.Configuration, token: string, baseUrl: string): Promise<unknown> {
  const response = await openid.fetchProtectedResource(config, token, new URL('/notes/', baseUrl), 'GET');
  return response.json();
}
