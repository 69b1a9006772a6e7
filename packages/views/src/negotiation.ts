import { Http404, NotAcceptable } from '@rf/exceptions';
import { MediaType } from './media-type.ts';
import type { BaseParser } from './parsers.ts';
import type { BaseRenderer } from './renderers.ts';
import type { Request } from './request.ts';

/** A renderer and the media type it was asked for. */
export interface Negotiated {
  readonly renderer: BaseRenderer;
  /** With the client's parameters (CN02). */
  readonly mediaType: string;
}

/** Chooses parser and renderer of a request (CN06). One object serves all requests of a view. */
export abstract class BaseContentNegotiation {
  /** The parser for the request's body; null when none fits, which is answered 415. */
  abstract selectParser(request: Request, parsers: readonly BaseParser[]): BaseParser | null;

  /**
   * The renderer for the answer.
   *
   * @param formatSuffix the format that the URL asks for, such as `json` in `/books.json`
   */
  abstract selectRenderer(
    request: Request,
    renderers: readonly BaseRenderer[],
    formatSuffix: string | null,
  ): Negotiated;
}

/** A concrete negotiation class, made once for each view without arguments. */
export type ContentNegotiationClass = new () => BaseContentNegotiation;

const MAX_HEADER_LENGTH = 8192;
const MAX_ENTRIES = 64;
const MAX_ENTRY_LENGTH = 256;

/**
 * Negotiates as DRF does (CN01–CN05): the most specific kind of range decides, among equals the order of the view's
 * renderers; `q` is ignored.
 */
export class DefaultContentNegotiation extends BaseContentNegotiation {
  override selectParser(request: Request, parsers: readonly BaseParser[]): BaseParser | null {
    return parsers.find((parser) => parser.accepts(request.contentType)) ?? null;
  }

  override selectRenderer(request: Request, all: readonly BaseRenderer[], formatSuffix: string | null): Negotiated {
    const { urlFormatOverride } = request.site.settings;
    const format =
      formatSuffix ??
      (urlFormatOverride !== null && request.target.includes('?') ? request.queryParams.get(urlFormatOverride) : null);
    const renderers = format ? this.filterRenderers(all, format) : all;
    const accept = request.headers.accept;

    // The common cases need no parsing.
    if (accept === undefined || accept === '*/*') return first(renderers);
    if (accept === renderers[0]?.mediaType) return { renderer: renderers[0], mediaType: accept };

    for (const group of orderByPrecedence(this.getAcceptList(accept))) {
      for (const renderer of renderers) {
        for (const range of group) {
          if (renderer.parsedMediaType.matches(range)) return { renderer, mediaType: acceptedType(range, renderer) };
        }
      }
    }
    throw new NotAcceptable();
  }

  /** Only renderers of `format`; throws Http404 when there is none (CN04). */
  protected filterRenderers(renderers: readonly BaseRenderer[], format: string): readonly BaseRenderer[] {
    const fitting = renderers.filter((renderer) => renderer.format === format);
    if (fitting.length === 0) throw new Http404();
    return fitting;
  }

  /** The entries of an `Accept` header that are looked at (CN05). */
  protected getAcceptList(header: string): MediaType[] {
    const cut =
      header.length > MAX_HEADER_LENGTH ? header.slice(0, header.lastIndexOf(',', MAX_HEADER_LENGTH)) : header;
    return cut
      .split(',', MAX_ENTRIES)
      .map((entry) => entry.trim())
      .filter((entry) => entry.length <= MAX_ENTRY_LENGTH)
      .map((entry) => new MediaType(entry));
  }
}

function first(renderers: readonly BaseRenderer[]): Negotiated {
  const renderer = renderers[0];
  if (renderer === undefined) throw new NotAcceptable();
  return { renderer, mediaType: renderer.mediaType };
}

function orderByPrecedence(ranges: readonly MediaType[]): MediaType[][] {
  const groups: MediaType[][] = [[], [], [], []];
  for (const range of ranges) (groups[3 - range.precedence] as MediaType[]).push(range);
  return groups;
}

function acceptedType(range: MediaType, renderer: BaseRenderer): string {
  // A wildcard names no type of its own, so the renderer's type carries the client's parameters.
  if (renderer.parsedMediaType.precedence > range.precedence) {
    let text = renderer.mediaType;
    for (const [name, value] of range.params) text += `;${name}=${value}`;
    return text;
  }
  return range.text;
}
