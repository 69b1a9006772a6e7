// Runs the protocol vectors in RF_SHARED/vectors (default ../shared/vectors beside the repository).
//   npm run vectors -- [NAME …]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { VectorModule } from './vector-module.ts';

const here = import.meta.dirname;
const folder = join(process.env.RF_SHARED ?? resolve(here, '../../../shared'), 'vectors');
if (!existsSync(folder)) throw new Error(`there are no vectors at ${folder}; set RF_SHARED`);

const wanted = process.argv.slice(2);
const modules: VectorModule[] = [];
for (const name of readdirSync(here)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .sort()) {
  const found = (await import(join(here, name))) as Partial<VectorModule>;
  if (typeof found.run === 'function' && typeof found.file === 'string') modules.push(found as VectorModule);
}
const covered = new Set(modules.map((module) => module.file));
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json') && !covered.has(name))) {
  if (wanted.length > 0) continue;
  process.stdout.write(`${file}: nothing runs it\n`);
  failed += 1;
}
for (const { file, run } of modules) {
  if (wanted.length > 0 && !wanted.some((name) => file.startsWith(name))) continue;
  let good = 0;
  let bad = 0;
  try {
    for await (const { id, ok, message } of run(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
      if (ok) good += 1;
      else {
        bad += 1;
        process.stdout.write(`FAIL ${file} ${id}: ${message ?? ''}\n`);
      }
    }
  } catch (error) {
    bad += 1;
    process.stdout.write(`FAIL ${file}: ${(error as Error).stack}\n`);
  }
  process.stdout.write(`${file}: ${good} passed, ${bad} failed\n`);
  passed += good;
  failed += bad;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
