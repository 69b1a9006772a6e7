import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { SaveFileOptions, StorableFile, Storage, StoredContent } from './storage.ts';

/** Options of {@link FileSystemStorage}. */
export interface FileSystemStorageOptions {
  /** The folder, made when the first file comes: `./media`. */
  readonly directory: string;
  /** Where clients find it: the path of `StoredFiles`, or of a server that serves the folder. Default `/media/`. */
  readonly url?: string;
}

/**
 * Keeps files in a folder, as Django's class of this name does. No file ever replaces another: where a name is taken, the new one
 * gets seven random characters behind its stem.
 *
 * Throws ImproperlyConfigured for a `url` that does not end with `/`.
 */
export class FileSystemStorage implements Storage {
  readonly directory: string;
  readonly #url: string;

  constructor({ directory, url = '/media/' }: FileSystemStorageOptions) {
    if (!url.endsWith('/')) {
      throw new ImproperlyConfigured(
        `new FileSystemStorage({ url: ${JSON.stringify(url)} }) must end with "/": url: ${JSON.stringify(`${url}/`)}.`,
      );
    }
    this.directory = directory;
    this.#url = url;
  }

  async save(name: string, file: StorableFile, { maxLength = Infinity }: SaveFileOptions = {}): Promise<string> {
    const wanted = validName(name);
    for (let free = fitting(wanted, '', maxLength); ; free = fitting(wanted, `_${randomText()}`, maxLength)) {
      const path = this.#path(free);
      if (path === null) throw new Error(`${JSON.stringify(name)} is no name of a file.`);
      await mkdir(dirname(path), { recursive: true });
      try {
        // The system decides who has the name first.
        await writeFile(path, file.bytes(), { flag: 'wx' });
        return free;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        await rm(path, { force: true });
        throw error;
      }
    }
  }

  async open(name: string): Promise<StoredContent | null> {
    const path = this.#path(name);
    if (path === null) return null;
    try {
      const found = await stat(path);
      if (!found.isFile()) return null;
      return { size: found.size, modified: found.mtime, stream: () => createReadStream(path) };
    } catch (error) {
      if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }

  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    if (path !== null) await rm(path, { force: true });
  }

  url(name: string): string {
    return this.#url + name.split('/').map(encodeURIComponent).join('/');
  }

  /** Null for a name that leads out of the folder. */
  #path(name: string): string | null {
    if (name === '' || /[\0\\]/.test(name)) return null;
    if (name.split('/').some((part) => part === '' || part === '.' || part === '..')) return null;
    return join(this.directory, name);
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Letters, digits, `_`, `-` and `.`; spaces become `_`. */
function validName(name: string): string {
  const parts = name.split('/').map((part) =>
    part
      .trim()
      .replace(/\s/g, '_')
      .replace(/[^-\p{L}\p{N}_.]/gu, ''),
  );
  return parts.join('/');
}

/** The name with `suffix` behind its stem, which gives way where the whole would be too long. */
function fitting(name: string, suffix: string, maxLength: number): string {
  const { dir, name: stem, ext } = posix.parse(name);
  const folder = dir === '' ? '' : `${dir}/`;
  const room = Math.max(1, maxLength - [...folder, ...suffix, ...ext].length);
  return `${folder}${[...stem].slice(0, room).join('')}${suffix}${ext}`;
}

function randomText(): string {
  return randomBytes(5).toString('hex').slice(0, 7);
}
