import {
  FormParser,
  type HttpResponse,
  isSafeMethod,
  metadataClass,
  parserClasses,
  type Request,
  versioningClass,
} from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { sessionUser } from './login.ts';
import { loginRedirect } from './login-redirect.ts';
import { SessionPage } from './session-page.ts';

/**
 * A page with forms for people who are logged in, such as what the providers of OAuth ask them; anybody else is sent to the login
 * page and back.
 */
@parserClasses(FormParser)
@versioningClass(null)
@metadataClass(null)
export abstract class AccountPage extends SessionPage {
  /** Path of the login page. Default null: the project's URL with the name `login`. */
  protected get loginUrl(): string | null {
    return null;
  }

  /**
   * Who is logged in. Throws {@link LoginRequired}, which sends the browser to the login page, when nobody is.
   *
   * @param next path and query to come back to; default this page
   */
  protected async requireUser(
    request: Request,
    next = isSafeMethod(request.method) ? request.target : request.path,
  ): Promise<AbstractUser> {
    const user = await sessionUser(request);
    if (user === null) throw new LoginRequired(next);
    return user;
  }

  /** The path of a URL that stands beside this one in `include()`. */
  protected pathOf(name: string, params: Readonly<Record<string, string>> = {}): string {
    return this.site.urls.reverse([...this.namespaces, name].join(':'), params);
  }

  override async handleException(error: unknown): Promise<HttpResponse> {
    if (error instanceof LoginRequired) return loginRedirect(this.site, error.next, this.loginUrl, error.hint);
    return super.handleException(error);
  }
}

/** Thrown by an {@link AccountPage} to send the browser to the login page. */
export class LoginRequired extends Error {
  override name = 'LoginRequired';

  /**
   * @param next path and query to come back to
   * @param hint who is expected to log in, for the form; null when that is not known
   */
  constructor(
    readonly next: string,
    readonly hint: string | null = null,
  ) {
    super('login required');
  }
}
