import { auth, createUser, SessionAuthentication } from '@rf/auth';
import { authtoken, Token, TokenAuthentication } from '@rf/authtoken';
import { restFramework } from '@rf/fastify';
import { db } from '@rf/orm';
import { defineProject, migrateDatabase, MigrationGraph, openProject } from '@rf/project';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import Fastify from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Check } from './run.ts';
import { OwnPostgres } from './own-postgres.ts';

const CLIENTS = 50;
/** Requests beside the load that may be refused as well while the database starts, one after the other every 50 ms. */
const ASIDE = 300;

@authenticationClasses(TokenAuthentication, SessionAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override async get(request: Request) {
    const [{ now }] = (await db(request).query('SELECT now()::text AS now')) as [{ now: string }];
    return { user: String(request.user), now };
  }
}

class Hello extends APIView {
  override get() {
    return { hello: 'world' };
  }
}

/** What one request got: its status and what its body says. */
interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

/** The database is killed under load: 503 as JSON, nothing else breaks, and it recovers by itself. */
export async function databaseKilled(check: Check): Promise<void> {
  const postgres = await OwnPostgres.create();
  const project = defineProject({
    apps: [auth(), authtoken()],
    database: postgres.url,
    secretKey: 'a key for a server that lives for some seconds only',
    urls: [path('/me/', Me), path('/hello/', Hello)],
  });
  const log: string[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => void log.push(line) } } });
  const site = await openProject(project, { logger: app.log });
  const unhandled: unknown[] = [];
  const remember = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', remember);
  try {
    await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
    const user = await createUser(site, { username: 'ada', password: null });
    const token = await db(site).save(Object.assign(new Token(), { user }));
    await app.register(restFramework, { project: site, healthChecks: true });
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const ask = async (url: string): Promise<Answer> => {
      const answer = await fetch(`${base}${url}`, { headers: { authorization: `Token ${token.key}` } });
      const type = answer.headers.get('content-type');
      return { status: answer.status, type, body: JSON.parse(await answer.text()) };
    };

    let phase = 'before';
    const seen = new Map<string, Answer[]>();
    let isLoaded = true;
    const load = Array.from({ length: CLIENTS }, async () => {
      while (isLoaded) {
        const started = phase;
        const answer = await ask('/me/');
        // An answer belongs to a phase only when it began and ended there.
        const key = started === phase ? phase : 'between';
        seen.set(key, [...(seen.get(key) ?? []), answer]);
        if (answer.status !== 200) await sleep(20);
      }
    });
    const statuses = (key: string) => [...new Set((seen.get(key) ?? []).map(({ status }) => status))].sort();

    await sleep(1000);
    phase = 'between';
    await postgres.kill();
    await sleep(100);
    phase = 'gone';
    await sleep(1500);
    const [hello, live, ready] = await Promise.all([ask('/hello/'), ask('/healthz'), ask('/readyz')]);
    phase = 'between';
    await postgres.start();
    const restarted = Date.now();
    while ((await ask('/me/')).status !== 200 && Date.now() - restarted < 15_000) await sleep(50);
    const recovery = Date.now() - restarted;
    await sleep(200);
    phase = 'after';
    await sleep(1000);
    isLoaded = false;
    await Promise.all(load);

    const gone = (seen.get('gone') ?? [])[0];
    const count = (key: string) => (seen.get(key) ?? []).length;
    check('requests are answered while the database is there', statuses('before'), [200]);
    check('every answer without the database is 503', statuses('gone'), [503]);
    check(
      '503 is JSON in the shape of every error',
      [gone?.type, Object.keys(gone?.body as object)],
      ['application/json', ['detail']],
    );
    check(
      'an answer that was under way is 200 or 503',
      statuses('between').filter((status) => status !== 200 && status !== 503),
      [],
    );
    check('a view without a query answers', hello.status, 200);
    check('the liveness check answers 200, the readiness check 503', [live.status, ready.status], [200, 503]);
    check('every answer after the restart is 200', statuses('after'), [200]);
    check('nothing is left unhandled', unhandled.map(String), []);
    const refused = [...seen.values()].flat().filter(({ status }) => status === 503).length;
    check('the log has a line for each 503', log.length >= refused && log.length <= refused + ASIDE, true);
    check('no log line holds the token', log.filter((line) => line.includes(token.key)).length, 0);
    process.stdout.write(
      `  ${CLIENTS} clients: ${count('before')} answers before, ${count('gone')} without, ${count('after')} after; recovered ${recovery} ms after the start\n`,
    );
  } finally {
    process.off('unhandledRejection', remember);
    await app.close();
    await site.close();
    await postgres.remove();
  }
}
