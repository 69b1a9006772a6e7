import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveOAuth2 } from './oauth2-server.ts';

export const name = 'curl: the guide’s password request and --oauth2-bearer';
export const requires = ['curl'];
export const serve = serveOAuth2;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { LEGACY_ID: id, LEGACY_SECRET: secret } = context.values;
  const form = `client_id=${id}&client_secret=${secret}&grant_type=password&username=alice&password=pw`;
  const answer = await context.execute('curl', ['-sS', '-X', 'POST', '-d', form, `${baseUrl}/oauth2/access_token/`]);
  const { access_token: token, ...rest } = JSON.parse(answer) as Record<string, unknown>;
  expectSame(context, 'members beside the token', Object.keys(rest), [
    'expires_in',
    'token_type',
    'scope',
    'refresh_token',
  ]);
  const notes = await context.execute('curl', ['-sS', '--oauth2-bearer', String(token), `${baseUrl}/notes/`]);
  expectSame(context, 'notes with it', JSON.parse(notes), { user: 'alice' });
}
