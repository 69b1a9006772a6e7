import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { differences, headerValue, setCookies } from './compare.ts';
import { fillIn, type Variables } from './placeholders.ts';
import type { Answer, Capture, Json, Scenario, Step } from './scenario.ts';
import { send } from './send.ts';

/** Which scenarios to replay; all unless said otherwise. */
export interface Selection {
  readonly area?: string;
  /** Part of `area/name`. */
  readonly only?: string;
}

/** Replays every scenario of a folder; prints a line for each step that fails. */
export async function replayAll(
  base: string,
  folder: string,
  { area, only = '' }: Selection,
): Promise<{ passed: number; failed: number }> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const scenarios: Scenario[] = files.sort().flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  const chosen = scenarios.filter(
    (scenario) => (area === undefined || scenario.area === area) && `${scenario.area}/${scenario.name}`.includes(only),
  );
  let failed = 0;
  let steps = 0;
  for (const scenario of chosen) {
    failed += await replay(base, scenario);
    steps += scenario.steps.length;
  }
  return { passed: steps - failed, failed };
}

async function replay(base: string, scenario: Scenario): Promise<number> {
  if (scenario.reset) {
    const { status } = await send(base, { method: 'POST', path: '/__reset__' });
    if (status >= 300) throw new Error(`the reset hook answered ${status}`);
  }
  const variables: Variables = {};
  let failed = 0;
  for (const [at, step] of scenario.steps.entries()) {
    const faults = await replayStep(base, step, variables).catch((error: Error) => [error.message]);
    if (faults.length === 0) continue;
    failed += 1;
    const { method, path } = step.request;
    process.stdout.write(
      `FAIL ${scenario.area}/${scenario.name} step ${at + 1} ${method} ${path} :: ${faults.join(' ; ')}\n`,
    );
  }
  return failed;
}

async function replayStep(base: string, step: Step, variables: Variables): Promise<string[]> {
  if (step.delayMs !== undefined) await pause(step.delayMs);
  const answer = await send(base, fillIn(step.request, variables));
  for (const [name, capture] of Object.entries(step.capture ?? {})) variables[name] = take(capture, answer);
  return differences(fillIn(step.expect, variables), answer);
}

function take(capture: Capture, answer: Answer): Json {
  const value = 'json' in capture ? takeJson(capture.json, answer) : takeHeader(capture, answer);
  if (value === undefined) throw new Error(`the answer has nothing at ${JSON.stringify(capture)}`);
  return value;
}

function takeJson(pointer: string, { body }: Answer): Json | undefined {
  let value: Json | undefined = JSON.parse(body.toString('utf8'));
  for (const key of pointer.split('/').slice(1)) {
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    value = (value as Record<string, Json> | null | undefined)?.[name];
  }
  return value;
}

function takeHeader(capture: Exclude<Capture, { json: string }>, answer: Answer): string | undefined {
  if ('header' in capture) return headerValue(answer, capture.header);
  const cookie = setCookies(answer).find((line) => line.startsWith(`${capture.cookie}=`));
  return cookie?.slice(capture.cookie.length + 1).split(';', 1)[0];
}
