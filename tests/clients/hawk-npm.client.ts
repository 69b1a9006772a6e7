import type { IncomingMessage } from 'node:http';
import Hawk from 'hawk';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'npm hawk: requests, payloads, signed answers, the clock, a second use';
export const requires: readonly string[] = [];
export const serve = serveSchemes;

const DETAIL = 'Hawk authentication failed';

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const url = `${baseUrl}/hawk/?a=%62`;
  const credentials = { id: 'client', key: context.values.HAWK_KEY ?? '', algorithm: 'sha256' as const };

  const get = Hawk.client.header(url, 'GET', { credentials, ext: 'some-app-data' });
  const headers = { authorization: get.header };
  const answer = await fetch(url, { headers });
  const payload = await answer.text();
  expectSame(context, 'a request', JSON.parse(payload), { user: 'alice' });
  const signed = Hawk.client.authenticate(incoming(answer), credentials, get.artifacts, { payload });
  expectSame(context, 'its answer is signed', Boolean((await signed).headers['server-authorization']), true);
  const again = await fetch(url, { headers });
  expectSame(context, 'its second use', [again.status, await again.json()], [401, { detail: DETAIL }]);

  const body = JSON.stringify({ title: 'one' });
  const options = { credentials, payload: body, contentType: 'application/json' };
  const send = (authorization: string, sent: string) =>
    fetch(url, { method: 'POST', body: sent, headers: { authorization, 'content-type': 'application/json' } });
  const created = await send(Hawk.client.header(url, 'POST', options).header, body);
  expectSame(context, 'a payload', await created.json(), { user: 'alice', data: { title: 'one' } });
  const forged = await send(Hawk.client.header(url, 'POST', options).header, JSON.stringify({ title: 'two' }));
  expectSame(context, 'another payload', forged.status, 401);

  const late = Hawk.client.header(url, 'GET', { credentials, localtimeOffsetMsec: -3_600_000 });
  const stale = await fetch(url, { headers: { authorization: late.header } });
  // It throws when the MAC of the time is wrong.
  await Hawk.client.authenticate(incoming(stale), credentials, late.artifacts);
  const ts = /ts="(\d+)"/.exec(stale.headers.get('www-authenticate') ?? '')?.[1];
  const offset = Number(ts) * 1000 - Date.now();
  const corrected = Hawk.client.header(url, 'GET', { credentials, localtimeOffsetMsec: offset });
  const right = await fetch(url, { headers: { authorization: corrected.header } });
  expectSame(context, 'an hour late, then by our clock', [stale.status, right.status], [401, 200]);
}

/** What the library reads of an answer: its headers. */
const incoming = (answer: Response): IncomingMessage =>
  ({ headers: Object.fromEntries(answer.headers) }) as unknown as IncomingMessage;
