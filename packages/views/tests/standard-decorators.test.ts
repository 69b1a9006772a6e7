import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const directory = fileURLToPath(new URL('./standard-decorators/', import.meta.url));
const tsconfig = `${directory}tsconfig.json`;

// The other tests run under `experimentalDecorators`; these show that policies need neither the one nor the other.
describe('under standard decorators', () => {
  it('policies and apiView do what they do under experimentalDecorators', async () => {
    const { stdout } = await run(
      process.execPath,
      ['--conditions=@rf/source', '--import=tsx', `${directory}views.ts`],
      {
        cwd: directory,
        env: { ...process.env, TSX_TSCONFIG_PATH: tsconfig },
      },
    );
    const denied = 'You do not have permission to perform this action.';
    expect(JSON.parse(stdout)).toEqual({
      inherited: ['AllowAny'],
      own: ['IsAuthenticated'],
      method: ['IsAdminUser'],
      scope: 'uploads',
      open: [200, 'x'],
      guarded: [403, { detail: denied }],
      deploy: [200, ['deployed', { a: 1 }]],
      closed: [403, { detail: denied }],
      wrongOrder:
        '@permissionClasses stands above @apiView on run, where it has no effect; write it below, or as an argument: ' +
        'apiView([…], permissionClasses(…)).',
      notStatic:
        'apiView makes a view of a function or a static method; it was given a class member that is no static method.',
    });
  }, 120_000);

  it('the types of the decorators fit', async () => {
    const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
    await expect(run(process.execPath, [tsc, '-p', tsconfig])).resolves.toMatchObject({ stdout: '' });
  }, 120_000);
});
