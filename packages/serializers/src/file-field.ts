import { Field, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { codePointLength } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerContext, SerializerSettings } from './settings.ts';

/** A file that came in a request, recognised by shape. */
export interface FileInput {
  readonly name: string;
  readonly size: number;
  bytes(): Uint8Array;
}

/** True for uploaded files. JSON cannot fake one: it has no functions. */
export function isFile(data: unknown): data is FileInput {
  if (typeof data !== 'object' || data === null) return false;
  const { name, size, bytes } = data as Partial<FileInput>;
  return typeof name === 'string' && typeof size === 'number' && typeof bytes === 'function';
}

/** Options of file fields. */
export interface FileFieldOptions extends FieldOptions<FileInput> {
  /** Longest file name, in code points. */
  readonly maxLength?: number;
  /** Whether a file without content is accepted. Default false. */
  readonly allowEmptyFile?: boolean;
  /** Whether the URL is shown, or the name. Default: the setting `uploadedFilesUseUrl`, which is true. */
  readonly useUrl?: boolean;
}

/**
 * An uploaded file. What is shown is the URL of the stored file, absolute when there is a request (row FI19): that of an object
 * with `name` and `url`, or of a name in the project's storage.
 */
export class FileField<const Options extends FileFieldOptions = {}> extends Field<
  FileInput,
  string | null,
  FileInput,
  Options
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    required: 'No file was submitted.',
    invalid: 'The submitted data was not a file. Check the encoding type on the form.',
    no_name: 'No filename could be determined.',
    empty: 'The submitted file is empty.',
    max_length: 'Ensure this filename has at most {max_length} characters (it has {length}).',
  };

  override parse(data: unknown, _scope: unknown): FileInput | Failure {
    if (!isFile(data)) return this.failure('invalid');
    if (data.name === '') return this.failure('no_name');
    if (this.options.allowEmptyFile !== true && data.size === 0) return this.failure('empty');
    const { maxLength } = this.options;
    const length = codePointLength(data.name);
    if (maxLength !== undefined && length > maxLength) {
      return this.failure('max_length', { max_length: maxLength, length });
    }
    return data;
  }

  override toRepresentation(value: unknown, scope: Scope): string | null {
    return this.presenter(scope.settings)(value, scope) as string | null;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const showsUrl = this.options.useUrl ?? settings.uploadedFilesUseUrl;
    return (value, scope) => {
      const { name, url } = typeof value === 'string' ? stored(value, settings) : ((value ?? {}) as ShownFile);
      if (typeof name !== 'string' || name === '') return null;
      if (!showsUrl) return name;
      return typeof url === 'string' ? absolute(url, scope.context) : null;
    };
  }
}

interface ShownFile {
  readonly name?: unknown;
  readonly url?: unknown;
}

function stored(name: string, { storage }: SerializerSettings): ShownFile {
  return { name, url: name === '' ? undefined : storage?.url(name) };
}

/** The URL as clients reach it. */
function absolute(url: string, context: SerializerContext): string {
  const request = context.request as { buildAbsoluteUri?: (path: string) => string } | undefined | null;
  return typeof request?.buildAbsoluteUri === 'function' ? request.buildAbsoluteUri(url) : url;
}
