import { ParseError } from '@rf/exceptions';
import { parseDispositionParameters } from './content-disposition.ts';
import { safeFileName } from './file-name.ts';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseParser, type ParsedBody, type ParserContext } from './parsers.ts';
import { UploadedFile } from './uploaded-file.ts';

/**
 * Any body as one file, under the name `file` in `request.files` and `request.data` (PA05).
 *
 * Its name is the URL argument `filename` if there is one, else what `Content-Disposition` says: `filename*` (RFC 8187), then
 * `filename`. Throws ParseError without a name. Give it to views on its own: it takes every media type.
 */
export class FileUploadParser extends BaseParser {
  readonly mediaType = '*/*';
  override readonly isUpload = true;

  parse(body: Buffer, contentType: string, context: ParserContext): ParsedBody {
    const name = this.getFilename(context);
    if (name === null) {
      throw new ParseError(
        'Missing filename. Request should include a Content-Disposition header with a filename parameter.',
      );
    }
    const file = new UploadedFile(name, contentType, body);
    return { data: new MultiValueDict(), files: new MultiValueDict([['file', file]]) };
  }

  /** The file's name without folders; null when the request has none. */
  protected getFilename({ params, request }: ParserContext): string | null {
    const name = params.filename ?? dispositionName(request.headers['content-disposition']);
    return name === undefined ? null : safeFileName(name);
  }
}

function dispositionName(header: string | undefined): string | undefined {
  return header === undefined ? undefined : parseDispositionParameters(header).get('filename');
}
