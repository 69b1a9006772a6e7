// Breaks what the server stands on, and looks at its answers: npm run test:faults
import { isDeepStrictEqual } from 'node:util';
import { databaseKilled } from './database-killed.ts';

/** Compares what was found with what must be, and prints a line. */
export type Check = (title: string, found: unknown, expected: unknown) => void;

let passed = 0;
let failed = 0;
const check: Check = (title, found, expected) => {
  if (isDeepStrictEqual(found, expected)) {
    passed += 1;
    process.stdout.write(`ok ${title}\n`);
  } else {
    failed += 1;
    process.stdout.write(`FAIL ${title}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}\n`);
  }
};

await databaseKilled(check);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
