import { NotAcceptable } from '@rf/exceptions';
import { BaseContentNegotiation, type Negotiated } from './negotiation.ts';
import type { BaseParser } from './parsers.ts';
import type { BaseRenderer } from './renderers.ts';
import type { Request } from './request.ts';

/** The view's one representation, whatever the client accepts: the protocol fixes it. */
export class FirstRendererNegotiation extends BaseContentNegotiation {
  override selectParser(request: Request, parsers: readonly BaseParser[]): BaseParser | null {
    return parsers.find((parser) => parser.accepts(request.contentType)) ?? null;
  }

  override selectRenderer(_request: Request, renderers: readonly BaseRenderer[]): Negotiated {
    const [renderer] = renderers;
    if (renderer === undefined) throw new NotAcceptable();
    return { renderer, mediaType: renderer.mediaType };
  }
}
