import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'curl: Basic, Digest, Token, Bearer, session with CSRF';
export const requires = ['curl'];
export const serve = serveSchemes;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { TOKEN, ACCESS_TOKEN = '', JWT_RS256 = '' } = context.values;
  const curl = (...words: string[]): Promise<string> => context.execute('curl', ['-sS', ...words]);
  const alice = { user: 'alice' };
  const status = ['-o', '/dev/null', '-w', '%{http_code}'];

  const basic = `${baseUrl}/basic/`;
  expectSame(context, 'Basic', JSON.parse(await curl('-u', 'alice:pw', basic)), alice);
  expectSame(context, 'Basic in UTF-8', JSON.parse(await curl('-u', 'jürgen:pässwörd', basic)), { user: 'jürgen' });
  expectSame(context, 'Basic, wrong', await curl(...status, '-u', 'alice:no', basic), '401');

  const digest = `${baseUrl}/digest/`;
  const twice = await curl('--digest', '-u', 'alice:digest-pw', digest, digest);
  expectSame(context, 'Digest, two requests with one nonce', twice, JSON.stringify(alice).repeat(2));
  const any = await curl('--anyauth', '-u', 'alice:digest-pw', '-d', 'title=one', `${digest}?a=%62&c=d%20e`);
  expectSame(context, 'Digest by --anyauth, a form and a query', JSON.parse(any), {
    ...alice,
    data: { title: ['one'] },
  });
  expectSame(context, 'Digest, wrong', await curl(...status, '--digest', '-u', 'alice:pw', digest), '401');

  const token = JSON.parse(await curl('-d', 'username=alice', '-d', 'password=pw', `${baseUrl}/api-token-auth/`));
  expectSame(context, 'a token is obtained', token.token, TOKEN);
  const header = ['-H', `Authorization: Token ${token.token}`];
  expectSame(context, 'Token', JSON.parse(await curl(...header, `${baseUrl}/token/`)), alice);
  const bearer = await curl('--oauth2-bearer', ACCESS_TOKEN, `${baseUrl}/access-token/`);
  expectSame(context, 'an access token as Bearer', JSON.parse(bearer), alice);
  expectSame(context, 'a JWT', JSON.parse(await curl('--oauth2-bearer', JWT_RS256, `${baseUrl}/jwt/`)), alice);

  const directory = await mkdtemp(join(tmpdir(), 'rf-curl-'));
  try {
    const jar = ['-b', join(directory, 'jar'), '-c', join(directory, 'jar')];
    const login = `${baseUrl}/accounts/login/`;
    const csrf = async () =>
      JSON.parse(await curl(...jar, '-H', 'Accept: application/json', login)).csrfToken as string;
    const form = ['-d', 'username=alice', '-d', 'password=pw', '-d', `csrfmiddlewaretoken=${await csrf()}`];
    expectSame(context, 'a login by form', await curl(...jar, ...status, ...form, login), '302');
    expectSame(context, 'the session', JSON.parse(await curl(...jar, `${baseUrl}/session/`)), alice);
    const post = ['-d', 'title=one', `${baseUrl}/session/`];
    expectSame(context, 'a form without CSRF token', await curl(...jar, ...status, ...post), '403');
    const safe = await curl(...jar, '-H', `X-CSRFToken: ${await csrf()}`, ...post);
    expectSame(context, 'a form with one', JSON.parse(safe), { ...alice, data: { title: ['one'] } });
  } finally {
    await rm(directory, { recursive: true });
  }
}
