import type { Readable } from 'node:stream';

/** What a {@link Storage} keeps: an uploaded file, or anything with a name and bytes. */
export interface StorableFile {
  readonly name: string;
  bytes(): Uint8Array;
}

/** A file that a {@link Storage} has. */
export interface StoredContent {
  /** Bytes. */
  readonly size: number;
  /** When it was written last. */
  readonly modified: Date;
  /** Reads it; call it once. */
  stream(): Readable;
}

/** Options of {@link Storage.save}. */
export interface SaveFileOptions {
  /** Longest name that can be kept, folders included; a longer one loses the end of its stem. Default: no limit. */
  readonly maxLength?: number;
}

/**
 * Where uploaded files are kept: a folder, a bucket. Columns hold names, relative and with `/` between folders: `covers/emma.png`.
 *
 * The setting `storage` chooses one for the project; {@link FileSystemStorage} is a folder.
 */
export interface Storage {
  /** Keeps a file and returns its name: the one that was asked for, made safe, or another one where that is taken. */
  save(name: string, file: StorableFile, options?: SaveFileOptions): Promise<string>;
  /** The file of that name; null when there is none. */
  open(name: string): Promise<StoredContent | null>;
  /** Removes a file; nothing happens when there is none. */
  delete(name: string): Promise<void>;
  /** Where clients get it: a path of this site, or a whole URL. */
  url(name: string): string;
}
