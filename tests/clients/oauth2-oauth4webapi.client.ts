import * as oauth from 'oauth4webapi';
import { Browser } from '../../packages/oauth2/tests/server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { allow, serveOAuth2 } from './oauth2-server.ts';

export const name =
  'oauth4webapi: discovery from the API to the provider, resource indicators, code with PKCE and iss, secret in the body, password grant, challenges';
export const requires: readonly string[] = [];
export const serve = serveOAuth2;

const INSECURE = { [oauth.allowInsecureRequests]: true };

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { values } = context;
  const notesUrl = new URL('/notes/', baseUrl);
  const stranger = await oauth
    .protectedResourceRequest('nothing', 'GET', notesUrl, undefined, undefined, INSECURE)
    .catch((error: unknown) => error);
  const told = stranger instanceof oauth.WWWAuthenticateChallengeError ? stranger.cause[0]?.parameters : undefined;
  const resource = new URL(baseUrl);
  const where = `${baseUrl}/.well-known/oauth-protected-resource`;
  expectSame(context, 'metadata that the challenge names', told?.resource_metadata, where);
  const described = await oauth.processResourceDiscoveryResponse(
    resource,
    await oauth.resourceDiscoveryRequest(resource, INSECURE),
  );
  expectSame(context, 'scopes of the resource', described.scopes_supported, ['read', 'write', 'notes:read']);
  const issuer = new URL(described.authorization_servers?.[0] ?? '');
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...INSECURE });
  const as = await oauth.processDiscoveryResponse(issuer, found);
  expectSame(context, 'issuer', as.issuer, baseUrl);
  expectSame(context, 'iss is promised', as.authorization_response_iss_parameter_supported, true);

  const client: oauth.Client = { client_id: values.WEB_ID as string };
  const authentication = oauth.ClientSecretPost(values.WEB_SECRET as string);
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const location = new URL(as.authorization_endpoint as string);
  for (const [key, value] of Object.entries({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: values.CALLBACK as string,
    scope: 'read',
    resource: resource.href,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  })) {
    location.searchParams.set(key, value);
  }
  const answer = await allow(new Browser(baseUrl), location);
  const params = oauth.validateAuthResponse(as, client, answer, state);
  const exchanged = await oauth.processAuthorizationCodeResponse(
    as,
    client,
    await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      params,
      values.CALLBACK as string,
      verifier,
      INSECURE,
    ),
  );
  expectSame(context, 'scope of the code grant', exchanged.scope, 'read');
  const notes = (token: string, method = 'GET'): Promise<Response> =>
    oauth.protectedResourceRequest(token, method, notesUrl, undefined, undefined, INSECURE);
  expectSame(context, 'notes with it', await (await notes(exchanged.access_token)).json(), { user: 'alice' });

  const refusal = await notes(exchanged.access_token, 'POST').catch((error: unknown) => error);
  const challenge = refusal instanceof oauth.WWWAuthenticateChallengeError ? refusal.cause[0]?.parameters : refusal;
  expectSame(context, 'challenge for want of a scope', challenge, {
    realm: 'api',
    error: 'insufficient_scope',
    error_description: 'The access token lacks a scope.',
    scope: 'write',
    resource_metadata: where,
  });

  const reuse = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    authentication,
    params,
    values.CALLBACK as string,
    verifier,
    INSECURE,
  );
  const reused = await oauth.processAuthorizationCodeResponse(as, client, reuse).catch((error: unknown) => error);
  const error = reused instanceof oauth.ResponseBodyError ? reused.error : reused;
  expectSame(context, 'the same code again', error, 'invalid_grant');

  const legacy: oauth.Client = { client_id: values.LEGACY_ID as string };
  const password = await oauth.processGenericTokenEndpointResponse(
    as,
    legacy,
    await oauth.genericTokenEndpointRequest(
      as,
      legacy,
      oauth.ClientSecretBasic(values.LEGACY_SECRET as string),
      'password',
      { username: 'alice', password: 'pw', scope: 'read' },
      INSECURE,
    ),
  );
  expectSame(context, 'notes by password', await (await notes(password.access_token)).json(), { user: 'alice' });
}
