import { createHash, createHmac, sign } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import { Browser } from '../../packages/oauth2/tests/server.ts';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'npm oauth-1.0a: HMAC-SHA256, HMAC-SHA512, RSA-SHA256, a body hash, the same request twice';
export const requires = ['openssl'];
export const serve = () => serveOAuth1();

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { WEB_KEY = '', WEB_SECRET = '', RSA_KEY = '', RSA_PRIVATE_KEY = '' } = context.values;
  const web = { key: WEB_KEY, secret: WEB_SECRET };
  const hmac = (algorithm: string) => (text: string, key: string) =>
    createHmac(algorithm, key).update(text).digest('base64');
  const rsa = (text: string) => sign('sha256', Buffer.from(text), RSA_PRIVATE_KEY).toString('base64');
  const clients = {
    'HMAC-SHA256': new OAuth({ consumer: web, signature_method: 'HMAC-SHA256', hash_function: hmac('sha256') }),
    'HMAC-SHA512': new OAuth({ consumer: web, signature_method: 'HMAC-SHA512', hash_function: hmac('sha512') }),
    'RSA-SHA256': new OAuth({
      consumer: { key: RSA_KEY, secret: '' },
      signature_method: 'RSA-SHA256',
      hash_function: rsa,
    }),
  };
  for (const [method, client] of Object.entries(clients)) {
    const token = await dance(client, baseUrl, context);
    const data = { title: "a b+c!*'()" };
    // It writes into what it is given.
    const request = { url: `${baseUrl}/echo/?q=%C3%A9`, method: 'POST', data: { ...data } };
    const headers = { ...client.toHeader(client.authorize(request, token)) };
    const send = () => fetch(request.url, { method: 'POST', body: new URLSearchParams(data), headers });
    const understood = { user: 'alice', query: { q: ['é'] }, data: { title: [data.title] } };
    expectSame(context, method, await (await send()).json(), understood);
    const again = await send();
    expectSame(context, 'the same again', [again.status, await again.json()], [401, { detail: 'Nonce check failed' }]);
  }
  const client = new OAuth({
    consumer: web,
    signature_method: 'HMAC-SHA1',
    hash_function: hmac('sha1'),
    body_hash_function: (text) => createHash('sha1').update(text).digest('base64'),
  });
  await bodyHash(client, baseUrl, context);
}

/** Temporary credentials, a person who allows, an access token. */
async function dance(client: OAuth, baseUrl: string, { values }: ClientContext): Promise<OAuth.Token> {
  const ask = async (path: string, data: Record<string, string>, token?: OAuth.Token): Promise<OAuth.Token> => {
    const request = { url: `${baseUrl}/oauth1/${path}/`, method: 'POST', data };
    const headers = { ...client.toHeader(client.authorize(request, token)) };
    const response = await fetch(request.url, { method: 'POST', headers });
    const answer = new URLSearchParams(await response.text());
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${answer}`);
    return { key: answer.get('oauth_token') ?? '', secret: answer.get('oauth_token_secret') ?? '' };
  };
  const temporary = await ask('initiate', { oauth_callback: values.CALLBACK ?? '' });
  const browser = new Browser(baseUrl);
  await browser.login('alice');
  const target = `/oauth1/authorize/?oauth_token=${temporary.key}`;
  const { location } = await browser.submit(target, await browser.get(target), { decision: 'allow' });
  return ask('token', { oauth_verifier: new URL(location ?? '').searchParams.get('oauth_verifier') ?? '' }, temporary);
}

/** The signature does not cover JSON; its hash does. */
async function bodyHash(client: OAuth, baseUrl: string, context: ClientContext): Promise<void> {
  const token = await dance(client, baseUrl, context);
  const data = { title: 'one' };
  const request = { url: `${baseUrl}/echo/`, method: 'POST', data, includeBodyHash: true };
  const send = async (body: string): Promise<unknown> => {
    const headers = { ...client.toHeader(client.authorize(request, token)), 'content-type': 'application/json' };
    return (await fetch(request.url, { method: 'POST', body, headers })).json();
  };
  expectSame(context, 'JSON with its hash', await send(JSON.stringify(data)), { user: 'alice', query: {}, data });
  expectSame(context, 'other JSON', await send('{"title":"two"}'), { detail: 'Invalid body hash' });
}
