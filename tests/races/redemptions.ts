import { createPrivateKey, randomBytes } from 'node:crypto';
import type { AbstractUser } from '@rf/auth';
import { digestHA1, digestResponse, setDigestPassword } from '@rf/digest';
import { createHawkCredential, hawkMac } from '@rf/hawk';
import { cavageSigningString, createSignature, createSignatureKey, signMessage } from '@rf/http-signature';
import { RefreshToken } from '@rf/jwt';
import { createConsumer } from '@rf/oauth1';
import { createClient, OAuth2DeviceCode, oauth2Provider } from '@rf/oauth2';
import { db } from '@rf/orm';
import type { ProjectSite } from '@rf/project';
import {
  exchange,
  headerOf,
  initiate,
  CALLBACK as OAUTH1_CALLBACK,
  signedParameters,
  type ToSign,
} from '../../packages/oauth1/tests/server.ts';
import {
  authorize,
  type Browser,
  CALLBACK,
  obtainTokens,
  send,
  type Server,
  VERIFIER,
} from '../../packages/oauth2/tests/server.ts';
import type { Sent } from './processes.ts';

/** What every redemption begins with. */
export interface Ground {
  /** The project, open in this process too. */
  readonly site: ProjectSite;
  readonly alice: AbstractUser;
  /** Where alice is logged in. */
  readonly browser: Browser;
  /** Of one of the servers; its host stands in what is signed, whichever process a request goes to. */
  readonly url: string;
}

/** Makes something that counts once, and with it the requests that redeem it. */
export type Redemption = () => Promise<() => Sent>;

/** What counts once, and how it is made. */
export const redemptions: readonly (readonly [title: string, prepare: (ground: Ground) => Promise<Redemption>])[] = [
  ['an OAuth 2.0 authorization code', oauth2Code],
  ['an OAuth 2.0 refresh token', oauth2Refresh],
  ['an OAuth 2.0 device code', oauth2Device],
  ['a JWT refresh token', jwtRefresh],
  ['an OAuth 1.0a verifier', oauth1Verifier],
  ['an OAuth 1.0a nonce', oauth1Nonce],
  ['a count of a Digest nonce', digestCount],
  ['a Hawk nonce', hawkNonce],
  ['the nonce of an HTTP message signature', signatureNonce],
  ['an HTTP message signature without a nonce', signatureItself],
  ['a draft-cavage signature', cavageSignature],
];

const seconds = (): number => Math.floor(Date.now() / 1000);
const nonce = (): string => randomBytes(12).toString('base64url');
const hostOf = (url: string): string => new URL(url).host;

/** The same bytes in every request. */
const same = (sent: Sent) => () => sent;

function form(target: string, fields: Readonly<Record<string, string>>): Sent {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', target, headers, body: String(new URLSearchParams(fields)) };
}

const codeClient = (site: ProjectSite) =>
  createClient(db(site), oauth2Provider(site), {
    name: 'Notes app',
    clientType: 'confidential',
    grants: ['authorization_code', 'refresh_token'],
    redirectUris: [CALLBACK],
    firstParty: true,
    skipConsent: true,
  });

async function oauth2Code({ site, browser, url }: Ground): Promise<Redemption> {
  const { client, secret } = await codeClient(site);
  return async () => {
    const params = await authorize({ url } as Server, client, { browser, params: { scope: 'read' } });
    return same(
      form('/oauth2/token/', {
        grant_type: 'authorization_code',
        code: params.get('code') ?? '',
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
        client_id: client.clientId,
        client_secret: secret ?? '',
      }),
    );
  };
}

async function oauth2Refresh({ site, browser, url }: Ground): Promise<Redemption> {
  const made = await codeClient(site);
  return async () => {
    const tokens = await obtainTokens({ url } as Server, made, { browser, params: { scope: 'read' } });
    return same(
      form('/oauth2/token/', {
        grant_type: 'refresh_token',
        refresh_token: tokens.refresh_token,
        client_id: made.client.clientId,
        client_secret: made.secret ?? '',
      }),
    );
  };
}

async function oauth2Device({ site, alice, url }: Ground): Promise<Redemption> {
  const grant = 'urn:ietf:params:oauth:grant-type:device_code';
  const { client } = await createClient(db(site), oauth2Provider(site), {
    name: 'Television',
    clientType: 'public',
    grants: [grant],
    redirectUris: [],
  });
  return async () => {
    const { body } = await send(`${url}/oauth2/device-authorization/`, { client_id: client.clientId, scope: 'read' });
    // Not by the page, where a person may try ten codes a minute.
    const [newest] = await db(site).find(OAuth2DeviceCode, { order: { id: 'DESC' }, take: 1 });
    await db(site).update(OAuth2DeviceCode, { id: newest?.id ?? '' }, { user: alice, allowedAt: new Date() });
    return same(
      form('/oauth2/token/', { grant_type: grant, device_code: body.device_code, client_id: client.clientId }),
    );
  };
}

async function jwtRefresh({ site, alice }: Ground): Promise<Redemption> {
  return async () =>
    same({
      method: 'POST',
      target: '/api/token/refresh/',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh: await (await RefreshToken.forUser(site, alice)).encode() }),
    });
}

const consumerOf = (site: ProjectSite) => createConsumer(site, { name: 'Notes app', callbacks: [OAUTH1_CALLBACK] });

/** Temporary credentials that alice allowed, and their verifier. */
async function allowed({ browser, url }: Ground, made: Awaited<ReturnType<typeof createConsumer>>) {
  const temporary = await initiate({ url }, made, { timestamp: seconds() });
  const page = await browser.get(`/oauth1/authorize/?oauth_token=${temporary.token}`);
  const { location } = await browser.submit('/oauth1/authorize/', page, { decision: 'allow' });
  return { temporary, verifier: new URL(location ?? '').searchParams.get('oauth_verifier') ?? '' };
}

function signedByConsumer(asked: ToSign): Sent {
  const { host, pathname } = new URL(asked.url);
  const authorization = headerOf(signedParameters({ timestamp: seconds(), ...asked }));
  return { method: asked.method ?? 'GET', target: pathname, headers: { host, authorization } };
}

async function oauth1Verifier(ground: Ground): Promise<Redemption> {
  const made = await consumerOf(ground.site);
  return async () => {
    const { temporary, verifier } = await allowed(ground, made);
    // Each signed anew: of equal requests the nonce alone would admit one.
    return () =>
      signedByConsumer({
        url: `${ground.url}/oauth1/token/`,
        method: 'POST',
        ...made,
        token: temporary,
        more: { oauth_verifier: verifier },
      });
  };
}

async function oauth1Nonce(ground: Ground): Promise<Redemption> {
  const made = await consumerOf(ground.site);
  const { temporary, verifier } = await allowed(ground, made);
  const { body } = await exchange(ground, made, temporary, verifier, { timestamp: seconds() });
  const token = { token: body.oauth_token, secret: body.oauth_token_secret };
  return async () => same(signedByConsumer({ url: `${ground.url}/oauth1-me/`, ...made, token }));
}

async function digestCount({ site, alice, url }: Ground): Promise<Redemption> {
  await setDigestPassword(site, alice, 'Circle of Life');
  const uri = '/digest-me/';
  const challenge = (await fetch(url + uri)).headers.get('www-authenticate') ?? '';
  const [, issued = ''] = /nonce="([^"]+)"/.exec(challenge) ?? [];
  const [, opaque = ''] = /opaque="([^"]+)"/.exec(challenge) ?? [];
  let count = 0;
  return async () => {
    count += 1;
    const nc = count.toString(16).padStart(8, '0');
    const signed = { algorithm: 'SHA-256', qop: 'auth', nonce: issued, nc, cnonce: 'of-the-client', uri } as const;
    const ha1 = digestHA1('SHA-256', 'alice', 'api', 'Circle of Life');
    const response = digestResponse({ ...signed, method: 'GET', ha1, body: Buffer.alloc(0) });
    return same({
      target: uri,
      headers: {
        authorization:
          `Digest username="alice", realm="api", uri="${uri}", algorithm=SHA-256, nonce="${issued}", nc=${nc}, ` +
          `cnonce="of-the-client", qop=auth, response="${response}", opaque="${opaque}"`,
      },
    });
  };
}

async function hawkNonce({ site, alice, url }: Ground): Promise<Redemption> {
  const { credential, key } = await createHawkCredential(site, alice);
  const { hostname, port, host } = new URL(url);
  const resource = '/hawk-me/';
  return async () => {
    const shown = { ts: seconds(), nonce: nonce() };
    const mac = hawkMac('header', { ...shown, method: 'GET', resource, host: hostname, port }, key, 'sha256');
    const authorization = `Hawk id="${credential.keyId}", ts="${shown.ts}", nonce="${shown.nonce}", mac="${mac}"`;
    return same({ target: resource, headers: { host, authorization } });
  };
}

function signatureNonce(ground: Ground): Promise<Redemption> {
  return messageSignature(ground, () => ({ created: seconds(), nonce: nonce() }));
}

/** Each round at a second of its own: equal texts would be one signature. */
async function signatureItself(ground: Ground): Promise<Redemption> {
  let created = seconds();
  return messageSignature(ground, () => ({ created: (created -= 1) }));
}

async function messageSignature(
  { site, alice, url }: Ground,
  parameters: () => { readonly created: number; readonly nonce?: string },
): Promise<Redemption> {
  const { key: row, privateKey } = await createSignatureKey(site, alice, { algorithm: 'ed25519' });
  const key = createPrivateKey(privateKey ?? '');
  const target = '/signature-me/';
  const host = hostOf(url);
  return async () => {
    const { signatureInput, signature } = signMessage(
      { method: 'GET', target, scheme: 'http', authority: host, fields: ['host', host] },
      {
        algorithm: 'ed25519',
        key,
        label: 'sig1',
        components: ['@method', '@authority', '@path', '@query'],
        parameters: { ...parameters(), keyid: row.keyId },
      },
    );
    return same({ target, headers: { host, 'signature-input': signatureInput, signature } });
  };
}

async function cavageSignature({ site, alice, url }: Ground): Promise<Redemption> {
  const { key: row, privateKey } = await createSignatureKey(site, alice, { algorithm: 'rsa-v1_5-sha256' });
  const key = createPrivateKey(privateKey ?? '');
  const target = '/cavage-me/';
  const host = hostOf(url);
  let at = seconds();
  return async () => {
    // Each round at a second of its own: equal texts would be one signature.
    at -= 1;
    const date = new Date(at * 1000).toUTCString();
    const headers = ['(request-target)', 'host', 'date'];
    const text = cavageSigningString(
      { headers, algorithm: 'rsa-sha256', created: null, expires: null },
      { method: 'GET', target, scheme: 'http', authority: host, fields: ['host', host, 'date', date] },
    );
    const signature = createSignature(row.algorithm, key, text).toString('base64');
    const authorization = `Signature keyId="${row.keyId}",algorithm="rsa-sha256",headers="${headers.join(' ')}",signature="${signature}"`;
    return same({ target, headers: { host, date, authorization } });
  };
}
