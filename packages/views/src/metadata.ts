import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';

/** Answers OPTIONS (MD03). One object serves all requests of a view. */
export abstract class BaseMetadata {
  abstract determineMetadata(request: Request, view: APIView): Awaitable<unknown>;
}

/** A concrete metadata class, made once for each view without arguments. */
export type MetadataClass = new () => BaseMetadata;

/** A view that can tell which fields its methods take, as generic views do. */
interface DescribesActions {
  /** Field descriptions by method, for the methods that the caller may use. */
  describeActions(request: Request): Awaitable<Record<string, unknown> | null>;
}

/** Name, description, media types and, for generic views, fields of the view (MD01, MD02). */
export class SimpleMetadata extends BaseMetadata {
  override async determineMetadata(request: Request, view: APIView): Promise<Record<string, unknown>> {
    const metadata: Record<string, unknown> = {
      name: view.getViewName(),
      description: view.getViewDescription(),
      renders: view.policies.renderers.map((renderer) => renderer.mediaType),
      parses: view.policies.parsers.map((parser) => parser.mediaType),
    };
    if (describesActions(view)) {
      const actions = await view.describeActions(request);
      if (actions !== null) metadata.actions = actions;
    }
    return metadata;
  }
}

function describesActions(view: object): view is DescribesActions {
  return typeof (view as Partial<DescribesActions>).describeActions === 'function';
}
