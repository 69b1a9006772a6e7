import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import path from 'node:path';

/** Folders whose files are not the project's own. */
const IGNORED = /^(node_modules|dist|data|coverage|\..+)$/;
const WATCHED = /\.(m?[jt]s|json|html|eta|env)$/;

/** Milliseconds; a save is often several events. */
const BURST = 100;

/**
 * Tells of changes to the source files below a folder, once for a burst of them.
 *
 * Every folder is watched by itself: Node's recursive watch loses, on Linux, a file that an editor saves by putting another in its place.
 */
export class FileWatcher {
  readonly #folders = new Map<string, FSWatcher>();
  readonly #root: string;
  readonly #changed: (file: string) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called with the last file of a burst, relative to `root` */
  constructor(root: string, changed: (file: string) => void) {
    this.#root = root;
    this.#changed = changed;
    this.#watch(root);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #watch(folder: string): void {
    if (this.#folders.has(folder)) return;
    const watcher = watch(folder, (_event, name) => {
      if (name !== null) this.#notice(path.join(folder, name));
    });
    // One that is removed while it is watched.
    watcher.on('error', () => this.#forget(folder));
    this.#folders.set(folder, watcher);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !IGNORED.test(entry.name)) this.#watch(path.join(folder, entry.name));
    }
  }

  #notice(file: string): void {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
      if (IGNORED.test(path.basename(file))) return;
      // A change itself: its files may have been there before it was watched.
      this.#watch(file);
    } else {
      this.#forget(file);
      if (!WATCHED.test(file)) return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#changed(path.relative(this.#root, file)), BURST);
  }

  /** Ends what watched a folder that is gone. */
  #forget(folder: string): void {
    this.#folders.get(folder)?.close();
    this.#folders.delete(folder);
  }
}
