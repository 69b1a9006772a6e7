import { ParseError } from '@rf/exceptions';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseParser, type ParsedBody, type ParserContext } from './parsers.ts';
import { baseName, UploadedFile } from './uploaded-file.ts';

/** Any body, taken as one file: `request.data.get('file')` (PA05). Its name is the URL's, else that of Content-Disposition. */
export class FileUploadParser extends BaseParser {
  readonly mediaType = '*/*';
  override readonly isUpload = true;

  parse(body: Buffer, contentType: string, { request, params }: ParserContext): ParsedBody {
    const name = baseName(params.filename ?? dispositionFilename(request.headers['content-disposition']) ?? '');
    if (name === '') {
      throw new ParseError(
        'Missing filename. Request should include a Content-Disposition header with a filename parameter.',
      );
    }
    const files = new MultiValueDict([['file', new UploadedFile(name, contentType, body)]] as const);
    return { data: new MultiValueDict<string>(), files };
  }
}

/** The file name of a Content-Disposition header; `filename*` counts more than `filename` (RFC 6266, section 4.3). */
function dispositionFilename(header: string | undefined): string | null {
  if (header === undefined) return null;
  const extended = /;\s*filename\*\s*=\s*([^;\s]+)/i.exec(header)?.[1];
  if (extended !== undefined) {
    const [charset = '', , value = ''] = extended.split("'");
    const bytes = decodePercent(value);
    if (bytes !== null) return bytes.toString(/^utf-?8$/i.test(charset) ? 'utf8' : 'latin1');
  }
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/i.exec(header);
  if (plain === null) return null;
  const name = plain[1]?.replace(/\\(.)/g, '$1') ?? plain[2] ?? '';
  // Header bytes come as Latin-1; browsers write names in UTF-8.
  return Buffer.from(name, 'latin1').toString('utf8');
}

function decodePercent(text: string): Buffer | null {
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/i.test(text)) return null;
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
