import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { ParseError, PayloadTooLarge } from '@rf/exceptions';
import { charsetOf } from './charset.ts';
import { safeFileName } from './file-name.ts';
import { MediaType } from './media-type.ts';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseParser, type ParsedBody, type ParserContext } from './parsers.ts';
import type { Settings } from './settings.ts';
import { UploadedFile } from './uploaded-file.ts';

/** Bytes of all headers of one part. */
const MAX_PART_HEADERS = 16_384;

/**
 * `multipart/form-data`: the fields and files of a form (PA04, RFC 7578).
 *
 * Throws ParseError for a body that is malformed, ends too early, or has more parts than the project allows, and PayloadTooLarge for
 * fields that are together larger than `dataUploadMaxMemorySize`. Of file names only the last part is kept.
 */
export class MultiPartParser extends BaseParser {
  readonly mediaType = 'multipart/form-data';
  override readonly isUpload = true;

  parse(body: Buffer, contentType: string, { request }: ParserContext): Promise<ParsedBody> {
    const type = new MediaType(contentType);
    const boundary = type.params.get('boundary');
    if (type.fullType !== 'multipart/form-data' || !boundary) {
      throw new ParseError(`Multipart form parse error - Invalid boundary in multipart: ${boundary ?? 'None'}`);
    }
    return new FormReader(contentType, request.site.settings).read(body);
  }
}

/** Reads one body. */
class FormReader {
  readonly #data = new MultiValueDict<string>();
  readonly #files = new MultiValueDict<UploadedFile>();
  readonly #busboy: BusboyInstance;
  readonly #maxFieldBytes: number;
  #fieldBytes = 0;
  #failure: Error | undefined;

  constructor(contentType: string, settings: Settings) {
    this.#maxFieldBytes = settings.dataUploadMaxMemorySize;
    this.#busboy = new Busboy({
      headers: { 'content-type': contentType },
      defCharset: charsetOf(contentType) ?? 'utf-8',
      // Only a file name makes a file, as in the reference. A file input left empty sends none, and is an empty field.
      isPartAFile: (_name, _type, fileName) => fileName !== undefined && fileName !== '',
      // Whoever keeps the file cuts its folders off; here they would look like an empty name.
      preservePath: true,
      limits: {
        fields: settings.dataUploadMaxNumberFields,
        files: settings.dataUploadMaxNumberFiles,
        fieldSize: settings.dataUploadMaxMemorySize,
        fileSize: settings.fileUploadMaxSize,
        headerSize: MAX_PART_HEADERS,
      },
    });
  }

  read(body: Buffer): Promise<ParsedBody> {
    const busboy = this.#busboy;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        this.#failure ??= error;
        reject(this.#failure);
      };
      busboy.on('field', (name, value, _nameCut, isCut, encoding) => {
        this.#fieldBytes += value.length;
        if (isCut || this.#fieldBytes > this.#maxFieldBytes) fail(new PayloadTooLarge());
        else if (name !== undefined) this.#data.append(name, encoding === 'base64' ? decodeField(value) : value);
      });
      busboy.on('file', (name, stream, fileName, encoding, mimeType) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('limit', () => fail(new PayloadTooLarge()));
        stream.on('error', () => fail(malformed('the body ends inside a file')));
        stream.on('end', () => {
          const safeName = safeFileName(fileName ?? '');
          // A name of folders alone is none.
          if (name === undefined || safeName === null) return;
          const bytes = Buffer.concat(chunks);
          const content = encoding === 'base64' ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes;
          this.#files.append(name, new UploadedFile(safeName, mimeType, content));
        });
      });
      busboy.on('fieldsLimit', () => fail(malformed('too many fields')));
      busboy.on('filesLimit', () => fail(malformed('too many files')));
      busboy.on('error', (error) => fail(malformed((error as Error).message)));
      busboy.on('finish', () => resolve({ data: this.#data, files: this.#files, isForm: true }));
      busboy.end(body);
    });
  }
}

const malformed = (reason: string): ParseError => new ParseError(`Multipart form parse error - ${reason}`);

function decodeField(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}
