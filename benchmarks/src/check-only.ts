// How the compiler is told to check files and write none.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const base = resolve(import.meta.dirname, '../../tsconfig.base.json');

/** Gives a folder a `tsconfig.json` with which the compiler checks these of its files. */
export function configureCheck(folder: string, files: readonly string[]): void {
  const compilerOptions = {
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: base, compilerOptions, files }));
}
