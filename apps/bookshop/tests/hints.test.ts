import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hints } from '../src/hints.ts';
import { Shop } from './shop.ts';

const run = promisify(execFile);
let shop: Shop;
let lines: ReadonlyMap<string, string>;

beforeAll(async () => {
  shop = await Shop.open();
  const all = await hints(shop.site, await shop.test.listen());
  lines = new Map(all);
  expect(lines.size).toBe(all.length);
});
afterAll(() => shop.close());

/** What a line prints when it is pasted into a terminal. */
async function paste(what: string): Promise<string> {
  const line = lines.get(what);
  if (line === undefined) throw new Error(`nothing is called ${what}`);
  const { stdout } = await run('bash', ['-c', line]);
  return stdout;
}

const TRIED: readonly (readonly [what: string, answer: RegExp])[] = [
  ['What there is', /"books":/],
  ['Books, the cheapest first', /"count":4,.*Madame Bovary/],
  ['A search, and two filters', /"count":1,.*Persuasion/],
  ['The newest, page by page: follow `next`', /"next":"http.*cursor=/],
  ['Authors, from the third on', /"count":5/],
  ['What a client may send', /"actions":\{"POST"/],
  ['A new book, by carol of the staff', /"title":"Sanditon"/],
  ['The same by bob is refused', /You do not have permission/],
  ['A cover', /\/media\/covers\/emma\.png/],
  ['Many tags at once', /^\[\{"slug":"new"/],
  ["Bob's review of a book", /"reviewer":"bob"/],
  ["Alice's review is not Bob's to change", /This is not your review/],
  ['Nothing new: 304', /^HTTP\/1\.1 304/],
  ['Somebody was faster: 412', /^HTTP\/1\.1 412/],
  ['A class view, with Basic authentication', /"user":"alice"/],
  ['The same view as a function', /"user":"alice"/],
  ['Without credentials it is 403: a session has no challenge', /^HTTP\/1\.1 403/],
  ['What a view can do', /"name":"Example"/],
  ["Alice's token", /"token":"[0-9a-f]{40}"/],
  ['Its use', /"user":"alice"/],
  ['A scheme of our own', /"user":"alice"/],
  ['An access token with a scope', /"checkedBy":"alice"/],
  ["Alice's access tokens", /"scopes":\["stock"\]/],
  ['A pair of JSON Web Tokens', /"refresh":"eyJ/],
  ['The use of the access token', /"user":"alice"/],
  ['An OAuth 2.0 token for an application', /"access_token":"oat_/],
  ['The use of that token', /"for":"the client"/],
  ['An application that alice registers by a program', /"registration_access_token":"ora_/],
  ['What the provider can do', /"token_endpoint":/],
  ['How applications log members in', /"userinfo_endpoint":/],
  ['The keys that ID tokens are signed with', /"kty":"RSA"/],
  ['A television that asks who you are: open its page and type its code', /"user_code":"/],
  ['OAuth 1.0a, once within five minutes', /"user":"alice"/],
  [
    'An application that would act for a member',
    /^oauth_token=o1t_\w+&oauth_token_secret=o1s_\w+&oauth_callback_confirmed=true/,
  ],
  ['Digest', /"user":"alice"/],
  ['Hawk, as a ticket for one URL', /"user":"alice"/],
  ['A signed request, once within five minutes', /"user":"alice"/],
  ['A key of your own to sign with, its secret shown once', /"secret":"[\w+/]{86}=="/],
  ['The public half of a key that never leaves your machine', /"crv":"Ed25519"/],
  ['A view for staff only', /"deployed":true,"by":"carol"/],
  ['Versions', /"text":"hello"/],
  ['Throttling: the fourth is refused', /^200\s+200\s+200\s+429\s+$/],
];

test('every line is tried but the one about the health of the server, which this one does not tell', () => {
  const tried = TRIED.map(([what]) => what);
  expect([...lines.keys()].filter((what) => !tried.includes(what))).toEqual(['Is it alive, is it ready']);
});

test.each(TRIED)('the line "%s" works when pasted', async (what, answer) => {
  expect(await paste(what)).toMatch(answer);
});
