import { WorkQueue } from '@rf/auth';
import { ServiceUnavailable } from '@rf/exceptions';
import { expect, test } from 'vitest';

/** A task that ends when it is told to. */
function gate(): { readonly task: () => Promise<void>; open(): void; readonly started: () => boolean } {
  let open = (): void => {};
  let started = false;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    task: () => {
      started = true;
      return opened;
    },
    open: () => open(),
    started: () => started,
  };
}

test('runs no more than its limit at once, the others in order', async () => {
  const queue = new WorkQueue(2);
  const gates = [gate(), gate(), gate(), gate()];
  const runs = gates.map(({ task }) => queue.run(task));
  const started = () => gates.map((each) => each.started());
  expect(started()).toEqual([true, true, false, false]);

  gates[1]?.open();
  await runs[1];
  expect(started()).toEqual([true, true, true, false]);

  gates[0]?.open();
  await runs[0];
  expect(started()).toEqual([true, true, true, true]);
  for (const each of gates) each.open();
  await Promise.all(runs);
});

test('goes on after a task that failed', async () => {
  const queue = new WorkQueue(1);
  const failed = queue.run(() => Promise.reject(new Error('no')));
  const after = queue.run(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await after).toBe('yes');
});

test('refuses with 503 when too many wait', async () => {
  const queue = new WorkQueue(1, 1);
  const first = gate();
  const running = queue.run(first.task);
  const waiting = queue.run(async () => 'waited');
  await expect(queue.run(async () => 'too many')).rejects.toThrow(ServiceUnavailable);
  first.open();
  await running;
  expect(await waiting).toBe('waited');
  expect(await queue.run(async () => 'later')).toBe('later');
});
