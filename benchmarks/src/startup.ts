// How long servers take to answer for the first time, and the memory they then hold: npm run bench:startup -- NAME=PATH=COMMAND …
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = 5;
const PATIENCE_MS = 60_000;

/** A port that was free just now: that of `PORT`, or any. Throws an Error when somebody listens on it. */
async function freePort(): Promise<number> {
  const wanted = Number(process.env.PORT ?? 0);
  const probe = createServer();
  probe.listen(wanted, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${wanted} is taken: end what listens there, or leave PORT unset to have a free one.`);
  }
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The process of a group that listens on a port; undefined while none does. Reads Linux's `/proc`. */
function listener(group: number, port: number): number | undefined {
  const inodes = listeningSockets(port);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => groupOf(pid) === group && socketsOf(pid).some((inode) => inodes.includes(inode)));
}

function listeningSockets(port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => attempt(() => readFileSync(file, 'utf8').trim().split('\n').slice(1), []))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(wanted) && state === '0A')
    .map((columns) => columns[9] as string);
}

/** The name in parentheses may hold anything, so the rest is counted from its end. */
function groupOf(pid: number): number | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return group === undefined ? undefined : Number(group);
}

function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return attempt(() => readdirSync(folder), [])
    .map((name) => /^socket:\[(\d+)\]$/.exec(attempt(() => readlinkSync(`${folder}/${name}`), ''))?.[1])
    .filter((inode) => inode !== undefined);
}

/** A process may end while it is looked at. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

interface Start {
  readonly seconds: number;
  readonly megabytes: number;
}

async function start(path: string, command: string): Promise<Start> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const begin = performance.now();
  const server = spawn('sh', ['-c', command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, by which everything that it starts is known and ended.
    detached: true,
    env: { ...process.env, PORT: String(port) },
  });
  let complaint = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const ended = once(server, 'close');
  const pid = server.pid as number;
  try {
    let answer = 'nothing';
    while (answer !== '200') {
      if (server.exitCode !== null) throw new Error(`${command} ended with ${server.exitCode}.\n${complaint}`);
      if (performance.now() - begin > PATIENCE_MS) throw new Error(`${url} answers ${answer}.\n${complaint}`);
      answer = await fetch(url).then(
        (response) => String(response.status),
        () => 'nothing',
      );
      if (answer !== '200') await sleep(5);
    }
    const seconds = (performance.now() - begin) / 1000;
    const own = listener(pid, port);
    if (own === undefined) throw new Error(`Another process than ${command} answers on port ${port}.`);
    const status = readFileSync(`/proc/${own}/status`, 'utf8');
    return { seconds, megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
  } finally {
    attempt(() => process.kill(-pid, 'SIGTERM'), false);
    await ended;
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;
const range = (values: number[], digits: number): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;

try {
  for (const argument of process.argv.slice(2)) {
    const [, name, path, command] = /^([^=]+)=(\/[^=]*)=(.+)$/s.exec(argument) ?? [];
    if (name === undefined || path === undefined || command === undefined) {
      throw new Error(`${argument}: write NAME=PATH=COMMAND, as in "hello=/hello/=node server.js"; it gets PORT.`);
    }
    const runs: Start[] = [];
    for (let round = 0; round < ROUNDS; round += 1) runs.push(await start(path, command));
    const seconds = runs.map((run) => run.seconds);
    const megabytes = runs.map((run) => run.megabytes);
    process.stdout.write(`${name.padEnd(14)} ${range(seconds, 2)} s  ${range(megabytes, 0)} MB\n`);
  }
} catch (error) {
  process.stderr.write(`Error: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
