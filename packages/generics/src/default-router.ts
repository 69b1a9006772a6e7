import {
  APIView,
  formatSuffixPatterns,
  NoReverseMatch,
  type Params,
  path,
  type RendererClass,
  type Request,
  Response,
  reverse,
  type UrlEntry,
  type ViewClass,
} from '@rf/views';
import { type RouterOptions, SimpleRouter } from './simple-router.ts';

/** Options of {@link DefaultRouter}. */
export interface DefaultRouterOptions extends RouterOptions {
  /** The renderers of the root view; default: the project's. */
  readonly rootRenderers?: readonly RendererClass[];
}

/** The names of list URLs by prefix, in order: what a router's root shows. */
type RootNames = Readonly<Record<string, string>>;

/** Lists the URLs of a router's viewsets (RT02). */
export class APIRootView extends APIView {
  override description: string | null = 'The default basic root view for DefaultRouter';
  /** No model stands behind it, so model permissions have nothing to ask (PM09). */
  readonly ignoreModelPermissions = true;
  /** Names of URLs by what they are called in the answer. */
  apiRootDict: RootNames = {};

  override get(request: Request, _params: Params): Response {
    const urls: Record<string, string> = {};
    for (const [prefix, name] of Object.entries(this.apiRootDict)) {
      const url = this.#urlOf(name, request);
      // A viewset without a list has no URL to show.
      if (url !== null) urls[prefix] = url;
    }
    return new Response(urls);
  }

  #urlOf(name: string, request: Request): string | null {
    try {
      return reverse([...this.namespaces, name].join(':'), {
        params: this.#ownParams(),
        request,
        format: this.getFormatSuffix(),
      });
    } catch (error) {
      if (error instanceof NoReverseMatch) return null;
      throw error;
    }
  }

  /** The arguments of the URL that the router was included at. */
  #ownParams(): Params {
    const { [this.site.settings.formatSuffixKwarg]: _suffix, ...params } = this.params;
    return params;
  }
}

/** A {@link SimpleRouter} with a root that lists its viewsets, and a format suffix for every URL: `/books.json` (RT02). */
export class DefaultRouter extends SimpleRouter {
  includeRootView = true;
  includeFormatSuffixes = true;
  rootViewName = 'api-root';
  /** The class of the root view. */
  rootView: ViewClass<APIRootView> = APIRootView;
  readonly #rootRenderers: readonly RendererClass[] | undefined;

  constructor(options: DefaultRouterOptions = {}) {
    super(options);
    this.#rootRenderers = options.rootRenderers;
  }

  override getUrls(): UrlEntry[] {
    const urls = super.getUrls();
    if (this.includeRootView) urls.push(this.#root());
    return this.includeFormatSuffixes ? formatSuffixPatterns(urls) : urls;
  }

  #root(): UrlEntry {
    const [list] = this.routes;
    const apiRootDict: Record<string, string> = {};
    for (const { prefix, basename, parents } of this.registry) {
      if (parents.length === 0) apiRootDict[prefix] = (list?.name ?? '{basename}-list').replace('{basename}', basename);
    }
    const renderers = this.#rootRenderers;
    const policies = renderers === undefined ? {} : { rendererClasses: renderers };
    return path('/', { view: this.rootView, initial: { apiRootDict, policies } }, { name: this.rootViewName });
  }
}
