import { isUtf8 } from 'node:buffer';
import { ParseError } from '@rf/exceptions';
import { safeFileName } from './file-name.ts';
import { parseHeaderParameters } from './header-parameters.ts';
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
    const disposition = request.headers['content-disposition'] ?? '';
    const name = params.filename ?? parseHeaderParameters(disposition, decodeHeaderText).params.get('filename');
    return name === undefined ? null : safeFileName(name);
  }
}

/** Header bytes come as Latin-1 text, which they may be; clients rather write UTF-8. */
function decodeHeaderText(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}
