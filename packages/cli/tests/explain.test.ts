import { createUser } from '@rf/auth';
import { createToken } from '@rf/authtoken';
import { main } from '@rf/cli';
import { db } from '@rf/orm';
import { defineProject, migrate, openProject, type Project } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { RecordingTerminal } from '@rf/testing/terminal';
import { APIView, path } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import shop from './fixtures/shop/project.ts';

class Reset extends APIView {
  override get(): unknown {
    return {};
  }
}

let database: TestDatabase;
let project: Project;
let token: string;

beforeAll(async () => {
  database = await createTestDatabase();
  const { apps, urls, secretKey } = shop;
  project = defineProject({
    apps,
    urls: [...urls, path('/reset/:uid/:token/', Reset)],
    database: database.url,
    ...(secretKey === undefined ? {} : { secretKey }),
  });
  await migrate(project);
  const site = await openProject(project);
  const alice = await createUser(site, { username: 'alice', password: null, isStaff: true });
  await createUser(site, { username: 'bob', password: null, isActive: false });
  token = (await createToken(db(site), alice)).key;
  await site.close();
});
afterAll(() => database.remove());

const explain = async (...words: string[]) => {
  const terminal = new RecordingTerminal();
  const code = await main(['explain', ...words], { terminal, project });
  return { code, output: terminal.output, errors: terminal.errors };
};
const linesOf = async (...words: string[]) => (await explain(...words)).output.trimEnd().split('\n');

describe('rf explain', () => {
  test('tells who is allowed, class by class, down to the operands of a combination', async () => {
    expect(await linesOf('GET', '/stock/', '--as', 'alice')).toEqual([
      'GET /stock/',
      'URL            /stock/, called stock → Stock',
      'Negotiation    JSONRenderer for application/json (Accept: not sent)',
      'Authentication TokenAuthentication (decides 401 or 403), SessionAuthentication',
      '               taken as alice because of --as',
      'Permissions    IsAuthenticated allows',
      '               AnyOf allows',
      '                 IsAdminUser allows',
      '                 OwnsShop refuses: "Only the owner may."',
      'Handler        Stock.get()',
      'Answer         allowed: the handler runs',
    ]);
  });

  test('names the class that refuses, and what is answered', async () => {
    const lines = await linesOf('GET', '/stock/', '--as', 'bob');

    expect(lines).toContain('               taken as bob because of --as; is not active, so could not log in');
    expect(lines.slice(-2)).toEqual([
      'Answer         403 {"detail":"You do not have permission to perform this action."}',
      'Decided by     AnyOf',
    ]);
  });

  test('tells 401 from 403: the first authentication class decides', async () => {
    expect((await linesOf('GET', '/stock/')).slice(-2)).toEqual([
      'Answer         401 {"detail":"Authentication credentials were not provided."}',
      'Decided by     IsAuthenticated; 401 because TokenAuthentication, the first authentication class, has a challenge',
    ]);
    expect((await linesOf('POST', '/desk/3/')).at(-1)).toBe(
      'Decided by     IsAuthenticated; 403 because SessionAuthentication, the first authentication class, has no challenge',
    );
  });

  test('shows no credentials of the URL', async () => {
    const lines = await linesOf('GET', '/reset/MQ/secret/?page=2&bewit=secret&oauth_token=secret');
    expect(lines.slice(0, 2)).toEqual([
      'GET /reset/MQ/[redacted]/?page=2&bewit=[redacted]&oauth_token=[redacted]',
      'URL            /reset/:uid/:token/ → Reset (uid=MQ, token=[redacted])',
    ]);
    expect(lines.join()).not.toContain('secret');
  });

  test('asks the authentication classes about the headers that are given', async () => {
    const known = await linesOf('GET', '/stock/', '-H', `Authorization: Token ${token}`);
    const unknown = await linesOf('GET', '/stock/', '-H', 'Authorization: Token nonsense');

    expect(known).toContain('               TokenAuthentication recognises alice');
    expect(known.at(-1)).toBe('Answer         allowed: the handler runs');
    expect(unknown.slice(-2)).toEqual([
      'Answer         401 {"detail":"Invalid token."}',
      'Decided by     TokenAuthentication; 401 because TokenAuthentication, the first authentication class, has a challenge',
    ]);
  });

  test('asks about the object that a view loads', async () => {
    expect((await linesOf('GET', '/tickets/7/', '--as', 'alice')).slice(-7)).toEqual([
      'Permissions    IsAuthenticated allows',
      '               OwnsTicket allows',
      'Handler        Ticket.get()',
      'For the object IsAuthenticated allows',
      '               OwnsTicket refuses: "Not your ticket."',
      'Answer         403 {"detail":"Not your ticket."}',
      'Decided by     OwnsTicket',
    ]);
  });

  test('ends where the request would end: no URL, no renderer, no handler', async () => {
    expect((await linesOf('GET', '/nowhere/')).at(-1)).toBe('URL          no pattern matches: 404');
    expect((await linesOf('GET', '/', '-H', 'Accept: text/csv')).slice(-2)).toEqual([
      'Answer         406 {"detail":"Could not satisfy the request Accept header."}',
      'Decided by     content negotiation',
    ]);
    expect((await linesOf('DELETE', '/')).slice(-2)).toEqual([
      'Answer         405 {"detail":"Method \\"DELETE\\" not allowed."}',
      'Decided by     the view, which has no handler for the method',
    ]);
  });

  test('refuses a user that there is not and a header that is none', async () => {
    expect(await explain('GET', '/', '--as', 'zoe')).toMatchObject({
      code: 1,
      errors: 'Error: There is no user "zoe".\n',
    });
    expect(await explain('GET', '/', '-H', 'nonsense')).toMatchObject({ code: 1 });
  });
});
