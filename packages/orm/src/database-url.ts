import path from 'node:path';

/** What a database URL names. */
export type DatabaseAddress =
  | { readonly kind: 'postgresql'; readonly url: string }
  /** `directory` is an absolute path; null keeps everything in memory. `from` is a dump that a database in memory begins with. */
  | { readonly kind: 'pglite'; readonly directory: string | null; readonly from: string | null };

/**
 * Reads `postgresql://…` (also `postgres://`), `pglite://DIR`, `pglite://memory` and `pglite://memory?from=FILE`.
 *
 * FILE is a tar archive of a database's directory, as PGlite's `dumpDataDir('none')` makes it.
 * A directory is relative to the working directory: `pglite://./data`, `pglite://data`, `pglite:///var/lib/app`.
 * Throws a TypeError for anything else; its text never shows a password.
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  if (/^postgres(ql)?:\/\//.test(url)) return { kind: 'postgresql', url };
  const embedded = /^pglite:\/\/(.*)$/s.exec(url)?.[1];
  if (embedded === undefined || embedded === '') {
    const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? 'no scheme';
    throw new TypeError(
      `The database URL has ${scheme}. Write postgresql://USER:PASSWORD@HOST:PORT/NAME, pglite://DIRECTORY or pglite://memory.`,
    );
  }
  const from = /^memory\?from=(.+)$/s.exec(embedded)?.[1];
  if (from !== undefined) return { kind: 'pglite', directory: null, from: path.resolve(from) };
  return { kind: 'pglite', directory: embedded === 'memory' ? null : path.resolve(embedded), from: null };
}
