import { APIException, NotAuthenticated, ValidationError } from '@rf/exceptions';
import {
  APIView,
  authenticationClasses,
  FormParser,
  HttpResponse,
  HttpResponseRedirect,
  include,
  JSONParser,
  JSONRenderer,
  MultiValueDict,
  parserClasses,
  path,
  permissionClasses,
  rendererClasses,
  type Request,
  Response,
  throttleClasses,
  type UrlInclude,
} from '@rf/views';
import { authenticate } from './authenticate.ts';
import { authOptions } from './auth-options.ts';
import { csrfToken, enforceCsrf } from './csrf.ts';
import { type Html, html, page, PAGE_HEADERS } from './html.ts';
import { login, logout, sessionUser, updateSessionHash } from './login.ts';
import { throttleLogin } from './login-throttle.ts';
import { validatePassword } from './password-validators.ts';
import { safeRedirect } from './safe-redirect.ts';
import { setPassword } from './set-password.ts';

/** A page of this package: whoever is logged in is found by the session, and every unsafe request needs a CSRF token (AU24). */
@authenticationClasses()
@permissionClasses()
@throttleClasses()
@parserClasses(FormParser, JSONParser)
@rendererClasses(JSONRenderer)
abstract class SessionPage extends APIView {
  override async initial(request: Request): Promise<void> {
    await super.initial(request);
    await enforceCsrf(request);
  }

  /** A value of the form or the JSON object that was sent. */
  protected field(name: string): string {
    const { data } = this.request;
    const value = data instanceof MultiValueDict ? data.get(name) : data?.[name];
    return typeof value === 'string' ? value : '';
  }

  /** True when an HTML form was sent, so that the answer is for a person. */
  protected get isForm(): boolean {
    return this.request.data instanceof MultiValueDict;
  }

  protected show(title: string, body: Html, status = 200): HttpResponse {
    return new HttpResponse(page(title, body), { status, headers: PAGE_HEADERS });
  }

  protected get csrfInput(): Html {
    return html`<input type="hidden" name="csrfmiddlewaretoken" value="${csrfToken(this.request)}">`;
  }
}

/** Where people without a `next` go after the login. */
const AFTER_LOGIN = '/';

/** A page with a form, and its target; a JSON client posts `{ "username", "password" }` (DJ10). */
export class LoginView extends SessionPage {
  override get(request: Request): HttpResponse {
    return this.#form(request.queryParams.get('next') ?? '');
  }

  override async post(request: Request): Promise<HttpResponse> {
    const [username, password] = [this.field('username'), this.field('password')];
    if (this.isForm) {
      const next = this.field('next');
      const missing = username === '' || password === '';
      const user = missing ? null : await this.#check(request, username, password);
      if (user === null) return this.#form(next, 'Please enter a correct user name and password.', username);
      return new HttpResponseRedirect(safeRedirect(next, AFTER_LOGIN));
    }
    const errors = Object.entries({ username, password }).filter(([, value]) => value === '');
    if (errors.length > 0) {
      throw new ValidationError(Object.fromEntries(errors.map(([name]) => [name, ['This field is required.']])));
    }
    if ((await this.#check(request, username, password)) === null) {
      throw new ValidationError({
        [request.site.settings.nonFieldErrorsKey]: ['Unable to log in with provided credentials.'],
      });
    }
    return new Response({ username, csrfToken: csrfToken(request) });
  }

  async #check(request: Request, username: string, password: string) {
    await throttleLogin(request, username);
    const user = await authenticate(request, { username, password });
    if (user !== null) await login(request, user);
    return user;
  }

  #form(next: string, error = '', username = ''): HttpResponse {
    const body = html`
${error !== '' && html`<p class="error">${error}</p>`}
<form method="post">
${this.csrfInput}
<input type="hidden" name="next" value="${safeRedirect(next, '')}">
<label for="username">User name</label>
<input type="text" id="username" name="username" value="${username}" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" required>
<button>Log in</button>
</form>`;
    return this.show('Log in', body);
  }
}

/** POST ends the session (DJ10). */
export class LogoutView extends SessionPage {
  override async post(request: Request): Promise<HttpResponse> {
    await logout(request);
    if (this.isForm) return new HttpResponseRedirect(safeRedirect(this.field('next'), AFTER_LOGIN));
    return new Response({ detail: 'Successfully logged out.' });
  }
}

/** POST `oldPassword` and `newPassword`; the user's other sessions end (DJ07, DJ10). */
export class PasswordChangeView extends SessionPage {
  override async get(request: Request): Promise<HttpResponse> {
    if ((await sessionUser(request)) === null) throw new NotAuthenticated();
    return this.#form();
  }

  override async post(request: Request): Promise<HttpResponse> {
    const user = await sessionUser(request);
    if (user === null) throw new NotAuthenticated();
    const { passwordValidators } = authOptions(request.site);
    const newPassword = this.field('newPassword');
    try {
      await throttleLogin(request, user.getUsername());
      if (
        (await authenticate(request, { username: user.getUsername(), password: this.field('oldPassword') })) === null
      ) {
        throw new ValidationError({
          oldPassword: ['Your old password was entered incorrectly. Please enter it again.'],
        });
      }
      try {
        validatePassword(newPassword, { username: user.username, email: user.email }, passwordValidators);
      } catch (error) {
        throw error instanceof APIException ? new ValidationError({ newPassword: error.detail as never }) : error;
      }
    } catch (error) {
      if (!this.isForm || !(error instanceof APIException)) throw error;
      const texts = Object.values(error.detail).flat().map(String);
      return this.#form(texts);
    }
    await setPassword(request, user, newPassword);
    await updateSessionHash(request, user);
    return this.isForm
      ? new HttpResponseRedirect(AFTER_LOGIN)
      : new Response({ detail: 'New password has been saved.' });
  }

  #form(errors: readonly string[] = []): HttpResponse {
    const body = html`
${errors.map((error) => html`<p class="error">${error}</p>`)}
<form method="post">
${this.csrfInput}
<label for="old">Old password</label>
<input type="password" id="old" name="oldPassword" autocomplete="current-password" required autofocus>
<label for="new">New password</label>
<input type="password" id="new" name="newPassword" autocomplete="new-password" required>
<button>Change password</button>
</form>`;
    return this.show('Change password', body);
  }
}

/** Login, logout and change of password, below a prefix: `...[authUrls('/accounts/')]` among the project's URLs. */
export function authUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/login/', LoginView, { name: 'login' }),
    path('/logout/', LogoutView, { name: 'logout' }),
    path('/password-change/', PasswordChangeView, { name: 'password_change' }),
  ]);
}
