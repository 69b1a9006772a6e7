import { PayloadTooLarge } from '@rf/exceptions';
import { decodeHTML } from 'entities';
import { decodeBase64 } from './base64.ts';
import { charsetOf } from './body-charset.ts';
import { decodeText, findCharset } from './charset.ts';
import { safeFileName } from './file-name.ts';
import { parseHeaderParameters, trimBlanks } from './header-parameters.ts';
import { MediaType } from './media-type.ts';
import { malformed, type Part, readParts } from './multi-part-reader.ts';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseParser, type ParsedBody, type ParserContext } from './parsers.ts';
import type { Settings } from './settings.ts';
import { UploadedFile } from './uploaded-file.ts';

/**
 * `multipart/form-data`: the fields and files of a form (PA04, RFC 7578).
 *
 * Throws ParseError for a body that is malformed, ends too early, or has more parts than the project allows, and PayloadTooLarge for
 * fields that are together larger than `dataUploadMaxMemorySize`. Of file names only the last part is kept.
 */
export class MultiPartParser extends BaseParser {
  readonly mediaType = 'multipart/form-data';
  override readonly isUpload = true;

  parse(body: Buffer, contentType: string, { request }: ParserContext): ParsedBody {
    const type = new MediaType(contentType);
    const boundary = type.params.get('boundary');
    if (type.mainType !== 'multipart' || boundary === undefined || !BOUNDARY.test(boundary)) {
      throw malformed(`Invalid boundary in multipart: ${boundary ?? 'None'}`);
    }
    const form = new Form(charsetOf(contentType), request.site.settings);
    for (const part of readParts(body, boundary)) form.add(part);
    return { data: form.data, files: form.files, isForm: true };
  }
}

/** Visible ASCII characters, and blanks before them. */
const BOUNDARY = /^[ -~]{0,200}[!-~]$/;

/** What the parts of one body are, within the limits of the project. */
class Form {
  readonly data = new MultiValueDict<string>();
  readonly files = new MultiValueDict<UploadedFile>();
  #fields = 0;
  #fieldBytes = 0;
  #files = 0;

  constructor(
    private readonly charset: string | null,
    private readonly settings: Settings,
  ) {}

  add({ headers, content }: Part): void {
    const decode = (bytes: string): string => decodeText(Buffer.from(bytes, 'latin1'), this.charset);
    const { params } = parseHeaderParameters(headers.get('content-disposition') ?? '', decode);
    const sentName = params.get('name');
    if (sentName === undefined) return;
    const name = trimBlanks(sentName);
    const fileName = params.get('filename') ?? '';
    const type = parseHeaderParameters(headers.get('content-type') ?? '');
    const isBase64 = headers.get('content-transfer-encoding')?.toLowerCase() === 'base64';
    // Only a file name makes a file, as in the reference. A file input left empty sends none, and is an empty field.
    if (fileName === '') {
      this.#addField(name, isBase64 ? (decodeBase64(content) ?? content) : content, type.params.get('charset'));
    } else this.#addFile(name, formFileName(fileName), type.value.toLowerCase(), content, isBase64);
  }

  #addField(name: string, content: Buffer, ownCharset: string | undefined): void {
    this.#fields += 1;
    if (this.#fields > this.settings.dataUploadMaxNumberFields) throw malformed('too many fields');
    this.#fieldBytes += content.length;
    if (this.#fieldBytes > this.settings.dataUploadMaxMemorySize) throw new PayloadTooLarge();
    const charset = ownCharset === undefined ? null : findCharset(ownCharset);
    this.data.append(name, decodeText(content, charset ?? this.charset));
  }

  #addFile(name: string, fileName: string | null, contentType: string, content: Buffer, isBase64: boolean): void {
    this.#files += 1;
    if (this.#files > this.settings.dataUploadMaxNumberFiles) throw malformed('too many files');
    // A name of folders alone is none.
    if (fileName === null) return;
    const bytes = isBase64 ? decodeBase64(content) : content;
    if (bytes === null) throw malformed('Could not decode base64 data.');
    this.files.append(name, new UploadedFile(fileName, contentType, bytes));
  }
}

/** Browsers write what the charset of a form lacks as references of HTML, and old ones send folders of either kind of slash. */
function formFileName(sent: string): string | null {
  const name = decodeHTML(sent);
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return safeFileName(base.replace(INVISIBLE, ''));
}

/** Controls, marks of direction, what is unassigned, and spaces but the ordinary one. */
const INVISIBLE = /(?! )[\p{C}\p{Z}]/gu;
