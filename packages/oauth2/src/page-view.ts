import { STATUS_CODES } from 'node:http';
import { type AbstractUser, csrfToken, type Html, html, isUser, loginRedirect, SessionAuthentication } from '@rf/auth';
import { APIException, ErrorDetail } from '@rf/exceptions';
import {
  APIView,
  authenticationClasses,
  contentNegotiationClass,
  FirstRendererNegotiation,
  FormParser,
  type HttpResponse,
  metadataClass,
  parserClasses,
  permissionClasses,
  rendererClasses,
  type Request,
  StaticHTMLRenderer,
  throttleClasses,
  versioningClass,
} from '@rf/views';
import { hidden } from './pages/consent-page.ts';
import { page } from './pages/page.ts';
import { type OAuth2Provider, oauth2Provider } from './provider.ts';

/** A page for people: session login, CSRF tokens in its forms, errors as pages. */
@authenticationClasses(SessionAuthentication)
@permissionClasses()
@throttleClasses()
@parserClasses(FormParser)
@rendererClasses(StaticHTMLRenderer)
@contentNegotiationClass(FirstRendererNegotiation)
@versioningClass(null)
@metadataClass(null)
export abstract class PageView extends APIView {
  /** What is written is written in transactions of its own; see {@link OAuth2Provider.alone}. */
  override get isAtomic(): boolean {
    return false;
  }

  get provider(): OAuth2Provider {
    return oauth2Provider(this.site);
  }

  /**
   * Who is logged in. Sends anybody else to the login page, by throwing.
   *
   * @param next path and query to come back to
   */
  protected requireUser(
    request: Request,
    next = request.method === 'GET' ? request.target : request.path,
  ): AbstractUser {
    if (!isUser(request.user)) throw new LoginRequired(next);
    return request.user;
  }

  /** The field that every form needs. */
  protected csrfField(request: Request): Html {
    return hidden('csrfmiddlewaretoken', csrfToken(request));
  }

  /** Scopes with what the project says they mean. */
  protected describeScopes(names: readonly string[]): readonly (readonly [string, string])[] {
    return names.map((name) => [name, this.provider.options.scopes[name] ?? name] as const);
  }

  /** The path of one of the provider's URLs. */
  protected pathOf(name: string, params: Readonly<Record<string, string>> = {}): string {
    return this.site.urls.reverse([...this.namespaces, name].join(':'), params);
  }

  override async handleException(error: unknown): Promise<HttpResponse> {
    if (error instanceof LoginRequired) return loginRedirect(this.site, error.next, this.provider.options.loginUrl);
    const answer = await super.handleException(error);
    const { status } = answer;
    const shown = page(`${status} ${STATUS_CODES[status] ?? ''}`, html`<p>${explain(error, status)}</p>`, { status });
    for (const [name, value] of answer.headers) if (!shown.headers.has(name)) shown.headers.set(name, value);
    return shown;
  }
}

/** Thrown to send the browser to the login page. */
export class LoginRequired extends Error {
  override name = 'LoginRequired';

  /** @param next path and query to come back to */
  constructor(readonly next: string) {
    super('login required');
  }
}

/** What of an error may be read by anybody. */
function explain(error: unknown, status: number): string {
  if (!(error instanceof APIException) || status >= 500) return STATUS_CODES[status] ?? '';
  const { detail } = error;
  if (detail instanceof ErrorDetail) return detail.message;
  const description = Array.isArray(detail) ? detail[0] : (detail.error_description ?? detail.error);
  return String(description ?? '');
}
