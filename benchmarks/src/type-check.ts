// What many serializers cost the compiler: npm run bench:types -- [SERIALIZERS [FIELDS]]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configureCheck } from './check-only.ts';
import { fileOfSerializers } from './many-serializers.ts';

const [serializers = 300, fields = 20] = process.argv.slice(2).map(Number);
const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'types-'));

interface Cost {
  readonly seconds: number;
  readonly instantiations: number;
}

/** The fastest of five runs: the others say what else the machine does. */
function costOf(files: readonly string[]): Cost {
  configureCheck(folder, files);
  const compiler = join(root, 'node_modules/.bin/tsc');
  const runs = Array.from({ length: 5 }, () => {
    const start = performance.now();
    execFileSync(compiler, ['-p', folder], { cwd: folder, stdio: 'inherit' });
    return (performance.now() - start) / 1000;
  });
  const report = execFileSync(compiler, ['-p', folder, '--extendedDiagnostics'], { cwd: folder, encoding: 'utf8' });
  return { seconds: Math.min(...runs), instantiations: Number(/Instantiations:\s+(\d+)/.exec(report)?.[1]) };
}

try {
  writeFileSync(join(folder, 'none.ts'), "export * as serializers from '@rf/serializers';\n");
  const files = Array.from({ length: Math.ceil(serializers / 10) }, (_, at) => `file${at}.ts`);
  for (const [at, name] of files.entries()) writeFileSync(join(folder, name), fileOfSerializers(at, fields));
  const written = ({ seconds, instantiations }: Cost): string =>
    `${seconds.toFixed(2)} s, ${instantiations.toLocaleString('en')} instantiations`;
  const without = written(costOf(['none.ts']));
  const all = written(costOf(files));
  process.stdout.write(`${serializers} serializers of ${fields} fields: ${all}; the package alone: ${without}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
