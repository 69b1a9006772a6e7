// Several processes at the same thing at once, on PostgreSQL and Redis: npm run test:races
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createUser } from '@rf/auth';
import { createDataSource } from '@rf/orm';
import { openProject } from '@rf/project';
import { createTestDatabase } from '@rf/testing/database';
import { Browser } from '../../packages/oauth2/tests/server.ts';
import { type Sent, ServerProcess } from './processes.ts';
import { type Redemption, redemptions } from './redemptions.ts';

const ROUNDS = 50;
/** Requests of one round to each process. */
const COPIES = 2;
const DEPLOYMENTS = 4;

if (!process.env.DATABASE_URL?.startsWith('postgres') || process.env.REDIS_URL === undefined) {
  throw new Error('The races need servers: set DATABASE_URL=postgresql://… and REDIS_URL=redis://…');
}

let passed = 0;
let failed = 0;
function check(title: string, isTrue: boolean, found: string): void {
  if (isTrue) passed += 1;
  else failed += 1;
  process.stdout.write(`${isTrue ? 'ok' : 'FAIL'} ${title}: ${found}\n`);
}

const database = await createTestDatabase();
const environment = { DATABASE_URL: database.url, RACE: String(process.pid) };
await migrateAtOnce();
Object.assign(process.env, environment);
const { default: project, connectRedis, LIMIT } = await import('./project.ts');
const redis = await connectRedis();
const site = await openProject(project);
const servers = await Promise.all([ServerProcess.start(environment), ServerProcess.start(environment)]);
try {
  const alice = await createUser(site, { username: 'alice', password: 'pw' });
  const browser = new Browser(servers[0].url);
  await browser.login('alice');
  for (const [title, prepare] of redemptions) {
    await redeem(title, await prepare({ site, alice, browser, url: servers[0].url }));
  }
  await throttle();
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  await site.settings.throttleStore?.clear();
  await redis.close();
  await site.close();
  await database.remove();
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

/** Deployments that all migrate the same empty database. */
async function migrateAtOnce(): Promise<void> {
  const rf = fileURLToPath(new URL('../../packages/cli/bin/rf.mjs', import.meta.url));
  const file = fileURLToPath(new URL('./project.ts', import.meta.url));
  const outcomes = await Promise.all(
    Array.from({ length: DEPLOYMENTS }, async () => {
      const child = spawn(process.execPath, [rf, 'migrate', '--project', file], {
        env: { ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      const [code] = await once(child, 'close');
      return { code: code as number, applied: text.match(/^\s*Applied \S+$/gm) ?? [] };
    }),
  );
  const dataSource = await createDataSource({ url: database.url, entities: [] });
  const recorded: { name: string }[] = await dataSource.query('SELECT name FROM migrations');
  await dataSource.destroy();
  const applied = outcomes.map((outcome) => outcome.applied.length);
  check(
    `of ${DEPLOYMENTS} processes that migrate at once each ends well, and one of them takes each step`,
    outcomes.every(({ code }) => code === 0) &&
      applied.reduce((sum, count) => sum + count, 0) === recorded.length &&
      recorded.length > 0 &&
      new Set(recorded.map(({ name }) => name)).size === recorded.length,
    `exit codes ${outcomes.map(({ code }) => code)}, steps ${applied}, ${recorded.length} recorded`,
  );
}

/** Sends copies to all processes at once; how many requests each process admitted. */
async function raceFor(copy: () => Sent, first: number): Promise<{ admitted: number[]; statuses: number[] }> {
  const order = servers.map((_server, index) => (index + first) % servers.length);
  const racing = Array.from({ length: COPIES }, () => order).flat();
  const answers = await Promise.all(
    racing.map(async (index) => ({ index, status: await (servers[index] as ServerProcess).send(copy()) })),
  );
  return {
    admitted: servers.map(
      (_server, at) => answers.filter(({ index, status }) => index === at && status === 200).length,
    ),
    statuses: answers.map(({ status }) => status),
  };
}

async function redeem(title: string, make: Redemption): Promise<void> {
  const wins = servers.map(() => 0);
  const wrong: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { admitted, statuses } = await raceFor(await make(), round % servers.length);
    admitted.forEach((count, index) => {
      wins[index] = (wins[index] as number) + count;
    });
    const others = statuses.filter((status) => status !== 200);
    if (others.length !== statuses.length - 1 || others.some((status) => status !== 400 && status !== 401)) {
      wrong.push(`round ${round}: ${statuses}`);
    }
  }
  check(
    `${title} is redeemed once by ${servers.length} processes that try at once`,
    wrong.length === 0,
    `${ROUNDS} rounds of ${servers.length * COPIES} requests, won by ${wins.join(' and ')}${wrong.map((text) => `; ${text}`).join('')}`,
  );
}

/** A limit that all processes count together. */
async function throttle(): Promise<void> {
  const counts: number[] = [];
  for (let round = 0; round < ROUNDS / 5; round += 1) {
    const headers = { 'x-forwarded-for': `round ${round}` };
    const asked = Array.from({ length: LIMIT * 2 }, (_none, index) =>
      (servers[index % servers.length] as ServerProcess).send({ target: '/limited/', headers }),
    );
    const statuses = await Promise.all(asked);
    counts.push(statuses.filter((status) => status === 200).length);
  }
  check(
    `${servers.length} processes together admit exactly ${LIMIT} requests`,
    counts.every((count) => count === LIMIT),
    `${counts.length} rounds of ${LIMIT * 2} requests, admitted ${counts}`,
  );
}
