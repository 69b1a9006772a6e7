import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ChoiceField, type ChoiceFieldOptions } from './choice-field.ts';
import type { FieldOptions } from './field-types.ts';

/** Options of FilePathField. */
export interface FilePathFieldOptions extends FieldOptions<string> {
  /** The folder; read when the serializer class is compiled. */
  readonly path: string;
  /** Names have to contain it. Default: all. */
  readonly match?: RegExp | string;
  /** Whether folders below are read too. Default false. */
  readonly recursive?: boolean;
  /** Default true. */
  readonly allowFiles?: boolean;
  /** Default false. */
  readonly allowFolders?: boolean;
}

/** A file or folder below a path, chosen by its full path (row FI09). */
export class FilePathField<const Options extends FilePathFieldOptions = FilePathFieldOptions> extends ChoiceField<
  Options & ChoiceFieldOptions,
  string
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_choice: '"{input}" is not a valid path choice.',
  };

  constructor(options: Options) {
    super(options as Options & ChoiceFieldOptions);
  }

  protected override get entries(): ReturnType<typeof entriesBelow> {
    const entries = entriesBelow(this.options);
    // As in the reference, a path that need not be given may be given empty.
    return this.options.required === true ? entries : [{ group: null, value: '', label: '---------' }, ...entries];
  }
}

interface PathEntry {
  readonly group: null;
  readonly value: string;
  readonly label: string;
}

/** The pattern without the position that a `g` or `y` flag would keep between two names. */
function stateless(pattern: RegExp | string): RegExp {
  return typeof pattern === 'string'
    ? new RegExp(pattern, 'u')
    : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

function entriesBelow(options: FilePathFieldOptions): readonly PathEntry[] {
  const { path, match, recursive = false, allowFiles = true, allowFolders = false } = options;
  const pattern = match === undefined ? null : stateless(match);
  const result: PathEntry[] = [];
  const walk = (folder: string): void => {
    const found = readdirSync(folder, { withFileTypes: true });
    const names = found.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    const take = (isWanted: boolean, isFolder: boolean): void => {
      for (const entry of names) {
        if (!isWanted || entry.isDirectory() !== isFolder || entry.name === '__pycache__') continue;
        if (pattern !== null && !pattern.test(entry.name)) continue;
        const value = join(folder, entry.name);
        result.push({ group: null, value, label: recursive ? value.replace(path, '') : entry.name });
      }
    };
    take(allowFiles, false);
    take(allowFolders, true);
    if (!recursive) return;
    for (const entry of names) if (entry.isDirectory()) walk(join(folder, entry.name));
  };
  walk(path);
  return recursive ? result : result.sort((a, b) => (a.label < b.label ? -1 : Number(a.label > b.label)));
}
