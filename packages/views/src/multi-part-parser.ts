import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import { ParseError, PayloadTooLarge } from '@rf/exceptions';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseParser, type ParsedBody, type ParserContext } from './parsers.ts';
import { baseName, UploadedFile } from './uploaded-file.ts';

/** `multipart/form-data`: fields and files together (PA04). */
export class MultiPartParser extends BaseParser {
  readonly mediaType = 'multipart/form-data';
  override readonly isUpload = true;

  parse(body: Buffer, contentType: string, { request }: ParserContext): Promise<ParsedBody> {
    const { settings } = request.site;
    const data = new MultiValueDict<string>();
    const files = new MultiValueDict<UploadedFile>();
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => reject(new ParseError(`Multipart form parse error - ${reason}`));
      let reader: BusboyInstance;
      try {
        reader = new Busboy({
          headers: { 'content-type': contentType } as BusboyHeaders,
          defCharset: 'utf8',
          limits: {
            fields: settings.dataUploadMaxNumberFields,
            files: settings.dataUploadMaxNumberFiles,
            fieldSize: settings.dataUploadMaxMemorySize,
            fieldNameSize: 1000,
          },
        });
      } catch (error) {
        fail((error as Error).message);
        return;
      }
      reader.on('field', (name, value, _nameTruncated, valueTruncated) => {
        if (valueTruncated) reject(new PayloadTooLarge());
        else data.append(name, value);
      });
      reader.on('file', (name, stream, filename, _encoding, type) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('error', (error: Error) => fail(error.message));
        stream.on('end', () => {
          const cleaned = baseName(filename ?? '');
          // A file field that nothing was chosen for comes without a name.
          if (cleaned !== '') files.append(name, new UploadedFile(cleaned, type, Buffer.concat(chunks)));
        });
      });
      reader.on('fieldsLimit', () => fail('The number of fields exceeds the limit.'));
      reader.on('filesLimit', () => fail('The number of files exceeds the limit.'));
      reader.on('error', (error) => fail((error as Error).message));
      reader.on('finish', () => resolve({ data, files, isForm: true }));
      reader.end(body);
    });
  }
}
