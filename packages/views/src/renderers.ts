import { MediaType } from './media-type.ts';
import { encodeJson, type JsonOptions } from './json-encoder.ts';
import type { APIView } from './api-view.ts';
import type { Request } from './request.ts';
import type { Response } from './response.ts';
import type { Settings } from './settings.ts';

/** What a renderer is told beside the data. */
export interface RendererContext {
  readonly view: APIView;
  readonly request: Request;
  readonly response: Response;
  readonly params: Readonly<Record<string, string>>;
}

/** Turns the data of a {@link Response} into text or bytes (RN10). One object serves all requests of a view. */
export abstract class BaseRenderer {
  /** Media type it makes, without charset. */
  abstract readonly mediaType: string;
  /** Short name, for `?format=` and URL suffixes. */
  abstract readonly format: string;
  /** Added to Content-Type and used to encode text; null sends the bare media type and UTF-8. */
  readonly charset: string | null = 'utf-8';

  #parsed: MediaType | undefined;

  /** The media type, parsed once. */
  get parsedMediaType(): MediaType {
    this.#parsed ??= new MediaType(this.mediaType);
    return this.#parsed;
  }

  /**
   * @param data what the view answered; null for nothing
   * @param acceptedMediaType the media type that was negotiated, with the client's parameters
   * @returns no bytes, or an empty text where `charset` is null, for no body and no Content-Type
   */
  abstract render(data: unknown, acceptedMediaType: string, context: RendererContext): string | Uint8Array;
}

/** A concrete renderer class, made once for each view without arguments. */
export type RendererClass = new () => BaseRenderer;

/** JSON in UTF-8, compact unless the client asks for `indent` (RN01, RN02). */
export class JSONRenderer extends BaseRenderer {
  readonly mediaType: string = 'application/json';
  readonly format: string = 'json';
  override readonly charset: string | null = null;

  #settings: Settings | undefined;
  #options: JsonOptions | undefined;

  render(data: unknown, acceptedMediaType: string, { request }: RendererContext): string {
    if (data === null || data === undefined) return '';
    const options = this.#optionsFor(request.site.settings);
    const indent = acceptedMediaType.includes('indent') ? readIndent(acceptedMediaType) : null;
    return encodeJson(data, indent === null ? options : { ...options, indent });
  }

  /** Made once: a renderer belongs to a view, and a view to a project. */
  #optionsFor(settings: Settings): JsonOptions {
    if (this.#options === undefined || this.#settings !== settings) {
      const { compactJson: compact, unicodeJson: unicode, strictJson: strict } = settings;
      this.#options = { indent: null, compact, unicode, strict };
      this.#settings = settings;
    }
    return this.#options;
  }
}

function readIndent(mediaType: string): number | null {
  const text = new MediaType(mediaType).params.get('indent');
  if (text === undefined || !/^\s*[+-]?\d{1,18}\s*$/.test(text)) return null;
  const indent = Math.min(Number(text), 8);
  return indent > 0 ? indent : null;
}
