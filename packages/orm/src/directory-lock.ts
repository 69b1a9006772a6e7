import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ImproperlyConfigured } from '@rf/exceptions';

const held = new Set<string>();

process.on('exit', () => {
  for (const file of held) rmSync(file, { force: true });
});

/**
 * Claims a database directory for this process: two processes on the same files would destroy them.
 *
 * The claim is a file beside the directory with the id of the process; one whose process is gone counts for nothing.
 * Returns what gives it back. Throws when another process, or another data source of this one, has it.
 */
export function lockDirectory(directory: string): () => void {
  const file = `${directory}.lock`;
  mkdirSync(path.dirname(file), { recursive: true });
  if (held.has(file))
    throw new ImproperlyConfigured(`The database directory ${directory} is already open in this process.`);
  if (!claim(file)) {
    const owner = ownerOf(file);
    if (owner !== null && owner !== process.pid && isAlive(owner)) {
      throw new ImproperlyConfigured(
        `The database directory ${directory} is open in process ${owner}. Stop it first, or use a PostgreSQL server. ` +
          `(If that process is something else, delete ${file}.)`,
      );
    }
    rmSync(file, { force: true });
    if (!claim(file))
      throw new ImproperlyConfigured(`The database directory ${directory} was opened by another process just now.`);
  }
  held.add(file);
  return () => {
    if (held.delete(file)) rmSync(file, { force: true });
  };
}

function claim(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(file: string): number | null {
  try {
    const id = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(id) ? id : null;
  } catch {
    return null;
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
