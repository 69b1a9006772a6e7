import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

function start(requestMs: number, timeoutMs: number): ChildProcess {
  return fork(new URL('./close-on-signals-program.ts', import.meta.url), [String(requestMs), String(timeoutMs)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    execArgv: ['--conditions=@rf/source', '--import=tsx'],
  });
}

const nextMessage = async (child: ChildProcess): Promise<unknown> => (await once(child, 'message'))[0];

describe('closeOnSignals', () => {
  it('lets the request under way finish, closes, and ends the process with 0', async () => {
    const child = start(300, 10_000);
    const port = await nextMessage(child);
    const begun = nextMessage(child);
    const answer = fetch(`http://127.0.0.1:${port}/slow/`);
    expect(await begun).toBe('begun');
    const closed = nextMessage(child);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await (await answer).json()).toEqual({ done: true });
    expect(await closed).toBe('closed');
    // The channel to this process would keep the child alive.
    child.disconnect();
    expect((await exited)[0]).toBe(0);
  }, 60_000);

  it('cuts off what takes too long, and ends the process with 1', async () => {
    const child = start(60_000, 200);
    const port = await nextMessage(child);
    const begun = nextMessage(child);
    const answer = fetch(`http://127.0.0.1:${port}/slow/`).catch((error: Error) => error);
    await begun;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(1);
    expect(await answer).toBeInstanceOf(Error);
  }, 60_000);
});
