import {
  APIView,
  authenticationClasses,
  type Awaitable,
  BaseRenderer,
  FormParser,
  HttpResponse,
  isSafeMethod,
  JSONParser,
  JSONRenderer,
  MultiValueDict,
  type Negotiated,
  parserClasses,
  permissionClasses,
  rendererClasses,
  type RendererContext,
  type Request,
  Response,
  throttleClasses,
} from '@rf/views';
import { csrfToken, enforceCsrf } from './csrf.ts';
import { hiddenField, type Html, html, OWN_PAGE_HEADERS, page } from './html.ts';

/** Shows a refusal to a person. */
class RefusalPageRenderer extends BaseRenderer {
  readonly mediaType = 'text/html';
  readonly format = 'html';
  override readonly charset = 'utf-8';

  override render(data: unknown, _mediaType: string, { response }: RendererContext): string {
    const detail = (data as { detail?: unknown } | null)?.detail;
    return page(String(response.status), html`<p class="error">${String(detail ?? 'This cannot be done.')}</p>`);
  }
}

/**
 * A page for people that programs can use as well: an HTML form, or JSON in and out.
 *
 * Whoever is logged in is found by the session, and every unsafe request needs a CSRF token (AU24).
 */
@authenticationClasses()
@permissionClasses()
@throttleClasses()
@parserClasses(FormParser, JSONParser)
@rendererClasses(JSONRenderer, RefusalPageRenderer)
export abstract class SessionPage extends APIView {
  /** What pages are sent with. */
  protected readonly pageHeaders: Readonly<Record<string, string>> = OWN_PAGE_HEADERS;

  override async initial(request: Request): Promise<void> {
    await super.initial(request);
    await this.checkCsrf(request);
  }

  /** Refuses an unsafe request that another site may have forged. Override it for what any site may ask. */
  protected checkCsrf(request: Request): Promise<void> {
    return enforceCsrf(request);
  }

  /** A client that takes anything gets what it sent: a page for a link or a form, else JSON. */
  override performContentNegotiation(request: Request, force = false): Negotiated {
    const renderers = this.getRenderers();
    const isForPerson =
      isSafeMethod(request.method) || /^application\/x-www-form-urlencoded\b/i.test(request.contentType);
    const ordered = isForPerson ? renderers.toReversed() : renderers;
    try {
      return this.getContentNegotiator().selectRenderer(request, ordered, this.getFormatSuffix());
    } catch (error) {
      const [first] = ordered;
      if (!force || first === undefined) throw error;
      return { renderer: first, mediaType: first.mediaType };
    }
  }

  override finalizeResponse(request: Request, answer: unknown): Awaitable<HttpResponse> {
    if (this.isPage && answer instanceof Response) {
      for (const [name, value] of Object.entries(this.pageHeaders)) answer.headers.set(name, value);
    }
    return super.finalizeResponse(request, answer);
  }

  /** True when the answer is for a person. */
  protected get isPage(): boolean {
    return this.request.acceptedRenderer instanceof RefusalPageRenderer;
  }

  /** A value of the form or the JSON object that was sent; empty when it is absent or no text. */
  protected field(name: string): string {
    const { data } = this.request;
    const value = data instanceof MultiValueDict ? data.get(name) : data?.[name];
    return typeof value === 'string' ? value : '';
  }

  protected show(title: string, body: Html, status = 200): HttpResponse {
    return new HttpResponse(page(title, body), { status, headers: this.pageHeaders });
  }

  protected get csrfInput(): Html {
    return hiddenField('csrfmiddlewaretoken', csrfToken(this.request));
  }
}
