import { ParseError } from '@rf/exceptions';
import { decodeTextStrictly } from './charset.ts';
import { charsetOf } from './body-charset.ts';
import { parseJson } from './json-decoder.ts';
import { MediaType } from './media-type.ts';
import { type MultiValueDict, parseUrlEncoded } from './multi-value-dict.ts';
import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';
import type { UploadedFile } from './uploaded-file.ts';

/** What a parser is told beside the body (PA07). */
export interface ParserContext {
  readonly view: APIView;
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
}

/** What a parser makes of a body. */
export interface ParsedBody {
  readonly data: unknown;
  readonly files?: MultiValueDict<UploadedFile>;
  /** True when `data` are the fields of an HTML form. */
  readonly isForm?: boolean;
}

/** Turns a body into data (PA07). One object serves all requests of a view. */
export abstract class BaseParser {
  /** Media type or range it reads. */
  abstract readonly mediaType: string;
  /** True when bodies may be as large as an upload. */
  readonly isUpload: boolean = false;

  #parsed: MediaType | undefined;

  /**
   * @param body all bytes, never empty
   * @param contentType the `Content-Type` header as sent
   * Throws ParseError for what it cannot read.
   */
  abstract parse(body: Buffer, contentType: string, context: ParserContext): Awaitable<ParsedBody>;

  /** True when it reads bodies of this Content-Type. */
  accepts(contentType: string): boolean {
    if (contentType === this.mediaType) return true;
    this.#parsed ??= new MediaType(this.mediaType);
    return this.#parsed.matches(new MediaType(contentType));
  }
}

/** A concrete parser class, made once for each view without arguments. */
export type ParserClass = new () => BaseParser;

/** `application/json`, strictly (PA02). */
export class JSONParser extends BaseParser {
  readonly mediaType: string = 'application/json';

  parse(body: Buffer, contentType: string, { request }: ParserContext): ParsedBody {
    const charset = charsetOf(contentType);
    const text = decodeTextStrictly(body, charset);
    if (text === null) throw new ParseError(`JSON parse error - the body is not ${charset ?? 'utf-8'}`);
    const { strictJson, maxJsonDepth } = request.site.settings;
    return { data: parseJson(text, { strict: strictJson, maxDepth: maxJsonDepth }) };
  }
}

/** `application/x-www-form-urlencoded` (PA03). */
export class FormParser extends BaseParser {
  readonly mediaType = 'application/x-www-form-urlencoded';

  parse(body: Buffer, contentType: string, { request }: ParserContext): ParsedBody {
    const { dataUploadMaxNumberFields } = request.site.settings;
    try {
      return { data: parseUrlEncoded(body, dataUploadMaxNumberFields, charsetOf(contentType)), isForm: true };
    } catch (error) {
      if (error instanceof RangeError) throw new ParseError('The number of form fields exceeds the limit.');
      throw error;
    }
  }
}
