import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AbstractUser, createUser } from '@rf/auth';
import { BlacklistedToken, OutstandingToken, RefreshToken } from '@rf/jwt';
import { db } from '@rf/orm';
import { migrate, openProject, type ProjectSite } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refreshProject } from './fixtures/refresh-project.ts';

let database: TestDatabase;
let site: ProjectSite;
let user: AbstractUser;
/** A second server: another pool on PostgreSQL; the embedded database takes one process, so there it is the same. */
let other: ProjectSite;

beforeAll(async () => {
  database = await createTestDatabase();
  const project = refreshProject(database.url);
  await migrate(project);
  site = await openProject(project);
  other = database.kind === 'postgresql' ? await openProject(project) : site;
  user = await createUser(site, { username: 'alice' });
});
afterAll(async () => {
  await site.close();
  await other.close();
  await database.remove();
});

const spend = async (server: ProjectSite, text: string) => (await RefreshToken.verify(server, text)).rotate(user);
const newToken = async () => (await RefreshToken.forUser(site, user)).encode();

/** Another server process, which spends the tokens it is sent; null where the database takes only one process. */
async function startWorker(): Promise<{ spend(token: string): Promise<number>; stop(): Promise<void> } | null> {
  if (database.kind !== 'postgresql') return null;
  const script = fileURLToPath(new URL('./fixtures/refresh-worker.ts', import.meta.url));
  const words = ['--conditions', '@rf/source', '--import', 'tsx', script, database.url];
  const child: ChildProcess = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  const [ready] = await once(lines, 'line');
  expect(ready).toBe('ready');
  return {
    async spend(token) {
      child.stdin?.write(`${token}\n`);
      const [answer] = await once(lines, 'line');
      return Number(answer);
    },
    async stop() {
      child.stdin?.end();
      await once(child, 'exit');
    },
  };
}

describe('refresh tokens', () => {
  test('are spent by exactly one of two processes that try at once', async () => {
    const worker = await startWorker();
    for (let round = 0; round < 10; round += 1) {
      const token = await newToken();
      const here = Promise.allSettled(Array.from({ length: 4 }, () => spend(other, token)));
      const there = worker?.spend(token) ?? Promise.resolve(0);
      const won = (await here).filter(({ status }) => status === 'fulfilled').length;
      expect(won + (await there)).toBe(1);
    }
    await worker?.stop();
  });

  test('leave no living successor when one is re-used while its successor is being spent', async () => {
    for (let round = 0; round < 10; round += 1) {
      const first = await newToken();
      const second = await spend(site, first);
      const text = await second.encode();
      await Promise.allSettled([spend(site, text), spend(other, first), spend(other, text)]);
      const living = await db(site)
        .createQueryBuilder(OutstandingToken, 'o')
        .leftJoin(BlacklistedToken, 'b', 'b.token_id = o.id')
        .where('o.family = :family AND b.id IS NULL', { family: second.family })
        .getCount();
      expect(living).toBe(0);
    }
  });
});
