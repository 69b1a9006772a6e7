import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@rf/testing/database';
import type { ServedProject } from './foreign-client.ts';

const main = join(import.meta.dirname, '../../apps/bookshop/src/main.ts');

/** The sample as `npm start` runs it, on a database and a folder of its own. */
export async function serveBookshop(): Promise<ServedProject> {
  const database = await createTestDatabase();
  const media = await mkdtemp(join(tmpdir(), 'rf-bookshop-'));
  const shop = spawn(process.execPath, ['--conditions=@rf/source', '--import=tsx', main], {
    env: { ...process.env, PORT: '0', DATABASE_URL: database.url, MEDIA_ROOT: media, LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let printed = '';
    shop.stdout.on('data', (chunk) => {
      printed += String(chunk);
      const found = /listens on (\S+)/.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
    shop.once('exit', (code) => reject(new Error(`the bookshop ended with ${code}: ${printed}`)));
  });
  return {
    url,
    values: {},
    async close() {
      const ended = once(shop, 'exit');
      shop.kill('SIGTERM');
      await ended;
      await database.remove();
      await rm(media, { recursive: true, force: true });
    },
  };
}
