// How long servers take to answer for the first time, and the memory they then hold: npm run bench:startup -- NAME=URL=COMMAND …
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = 5;

/** The process that listens: the last child of a shell or of npm. */
function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const last = children.at(-1);
  return last === undefined ? pid : innermost(Number(last));
}

async function start(url: string, command: string): Promise<{ seconds: number; megabytes: number }> {
  const begin = performance.now();
  const server: ChildProcess = spawn('sh', ['-c', command], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const pid = server.pid as number;
  try {
    while (
      !(await fetch(url).then(
        (answer) => answer.ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error(`${command} ended with ${server.exitCode}.`);
      await sleep(5);
    }
    const seconds = (performance.now() - begin) / 1000;
    const status = readFileSync(`/proc/${innermost(pid)}/status`, 'utf8');
    return { seconds, megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
  } finally {
    process.kill(-pid, 'SIGTERM');
    await ended;
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

for (const argument of process.argv.slice(2)) {
  const [name = '', url = '', ...command] = argument.split('=');
  const runs = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await start(url, command.join('=')));
  const seconds = median(runs.map((run) => run.seconds));
  const megabytes = median(runs.map((run) => run.megabytes));
  process.stdout.write(`${name.padEnd(14)} ${seconds.toFixed(2)} s  ${megabytes.toFixed(0)} MB\n`);
}
