import { OAuth2ProtectedResourceAuthentication, TokenHasReadWriteScope } from '@rf/oauth2';
import { AllowAny, APIView, authenticationClasses, path, permissionClasses, type Request } from '@rf/views';
import { type Browser, CALLBACK, startServer } from '../../packages/oauth2/tests/server.ts';
import type { ServedProject } from './foreign-client.ts';

/** Something to read and to write with a token. */
@authenticationClasses(OAuth2ProtectedResourceAuthentication)
@permissionClasses(TokenHasReadWriteScope)
class Notes extends APIView {
  override get(request: Request) {
    return { user: request.user.getUsername() };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

/** A provider with one client of each kind. The users are alice and bob, with the password `pw`. */
export async function serveOAuth2(): Promise<ServedProject & { browser(): Browser }> {
  const server = await startServer({
    clock: Date.now,
    oauth2: { allowPasswordGrant: true, devicePollSeconds: 1, registration: { permissionClasses: [AllowAny] } },
    urls: [path('/notes/', Notes)],
  });
  const web = await server.client({ name: 'Web shop' });
  const native = await server.client({ clientType: 'public', redirectUris: ['http://127.0.0.1/cb'] });
  const machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
  const legacy = await server.client({ grants: ['password', 'refresh_token'], redirectUris: [] });
  const device = await server.client({
    name: 'Television',
    clientType: 'public',
    grants: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    redirectUris: [],
  });
  // A confidential client whose users are not asked, on a loopback address of its own.
  const own = await server.client({ firstParty: true, skipConsent: true, redirectUris: ['http://127.0.0.1/cb'] });
  return {
    url: server.url,
    values: {
      CALLBACK,
      WEB_ID: web.client.clientId,
      WEB_SECRET: web.secret ?? '',
      NATIVE_ID: native.client.clientId,
      MACHINE_ID: machine.client.clientId,
      MACHINE_SECRET: machine.secret ?? '',
      LEGACY_ID: legacy.client.clientId,
      LEGACY_SECRET: legacy.secret ?? '',
      DEVICE_ID: device.client.clientId,
      OWN_ID: own.client.clientId,
    },
    browser: () => server.browser(),
    close: () => server.close(),
  };
}

/** Logs alice in, allows what a client asks for, and returns where she is sent. */
export async function allow(browser: Browser, location: URL): Promise<URL> {
  if (browser.cookies.get('sessionid') === undefined) await browser.login('alice');
  const target = location.pathname + location.search;
  const page = await browser.get(target);
  const answer = page.location ?? (await browser.submit(target, page, { decision: 'allow' })).location;
  if (answer === null) throw new Error(`the consent page answered ${page.status}`);
  return new URL(answer);
}
