// How long the compiler takes for many serializers: npm run bench:types -- [SERIALIZERS [FIELDS]]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [serializers = 300, fields = 20] = process.argv.slice(2).map(Number);
const root = resolve(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'types-'));

const kinds = [
  'new CharField({ maxLength: 200 })',
  'new IntegerField({ minValue: 0 })',
  'new DateTimeField({ readOnly: true })',
  'new DecimalField({ maxDigits: 8, decimalPlaces: 2 })',
  "new ChoiceField({ choices: ['a', 'b'] })",
  'new BooleanField({ required: false })',
  'new ListField({ child: new CharField() })',
  'new CharField({ allowNull: true, default: null })',
];

/** A file of ten serializers whose types are used as a project uses them. */
function file(at: number): string {
  const names = Array.from({ length: 10 }, (_, index) => `S${at}_${index}`);
  const classes = names.map((name) => {
    const members = Array.from({ length: fields }, (_, index) => `  f${index} = ${kinds[index % kinds.length]};`);
    return (
      `export class ${name} extends Serializer {\n${members.join('\n')}\n` +
      `  override create(validated: Validated<${name}>) {\n    return { ...validated, id: 1 };\n  }\n}\n` +
      `export async function use${name}(data: unknown): Promise<number> {\n` +
      `  const serializer = new ${name}({ data });\n  await serializer.isValid({ raise: true });\n` +
      `  const shown = await serializer.data;\n  return (await serializer.save()).id + shown.f0.length + serializer.validatedData.f1;\n}\n`
    );
  });
  return (
    "import {\n  BooleanField,\n  CharField,\n  ChoiceField,\n  DateTimeField,\n  DecimalField,\n  IntegerField,\n  ListField,\n  Serializer,\n  type Validated,\n} from '@rf/serializers';\n" +
    classes.join('\n')
  );
}

/** Median of three runs, in seconds. */
function time(files: readonly string[]): number {
  const compilerOptions = {
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, files }),
  );
  const runs = Array.from({ length: 3 }, () => {
    const start = performance.now();
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { cwd: folder, stdio: 'inherit' });
    return (performance.now() - start) / 1000;
  });
  return runs.sort((a, b) => a - b)[1] as number;
}

try {
  writeFileSync(join(folder, 'none.ts'), "export * as serializers from '@rf/serializers';\n");
  const files = Array.from({ length: Math.ceil(serializers / 10) }, (_, at) => `file${at}.ts`);
  for (const [at, name] of files.entries()) writeFileSync(join(folder, name), file(at));
  const without = time(['none.ts']);
  const all = time(files);
  process.stdout.write(
    `${serializers} serializers of ${fields} fields: ${all.toFixed(2)} s; the package alone: ${without.toFixed(2)} s\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
