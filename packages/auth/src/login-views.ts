import { APIException, NotAuthenticated, ValidationError } from '@rf/exceptions';
import { HttpResponse, HttpResponseRedirect, include, path, type Request, Response, type UrlInclude } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authenticate } from './authenticate.ts';
import { authOptions } from './auth-options.ts';
import { csrfToken } from './csrf.ts';
import { html, PAGE_HEADERS } from './html.ts';
import { login, logout, sessionUser, updateSessionHash } from './login.ts';
import { throttleLogin } from './login-throttle.ts';
import { validatePassword } from './password-validators.ts';
import { safeRedirect } from './safe-redirect.ts';
import { SessionPage } from './session-page.ts';
import { setPassword } from './set-password.ts';

/** Where people without a `next` go after the login. */
const AFTER_LOGIN = '/';

/**
 * A page with a form, and its target (DJ10). A program that accepts `application/json` gets `{ "csrfToken" }` and posts
 * `{ "username", "password" }` with it.
 */
export class LoginView extends SessionPage {
  /** `next` may be the authorization page of an OAuth provider, which leads on to the client. */
  protected override readonly pageHeaders = PAGE_HEADERS;

  /** A flood of attempts must not hold every database connection while passwords are hashed, nor a refusal undo what hooks note of it. */
  override get isAtomic(): boolean {
    return false;
  }

  override get(request: Request): HttpResponse {
    const { queryParams } = request;
    return this.isPage
      ? this.#form(queryParams.get('next') ?? '', '', queryParams.get('login_hint') ?? '')
      : new Response({ csrfToken: csrfToken(request) });
  }

  override async post(request: Request): Promise<HttpResponse> {
    const [username, password] = [this.field('username'), this.field('password')];
    if (this.isPage) {
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
    const user = await this.#check(request, username, password);
    if (user === null) {
      throw new ValidationError({
        [request.site.settings.nonFieldErrorsKey]: ['Unable to log in with provided credentials.'],
      });
    }
    return new Response({ username: user.getUsername(), csrfToken: csrfToken(request) });
  }

  async #check(request: Request, username: string, password: string): Promise<AbstractUser | null> {
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
    if (this.isPage) return new HttpResponseRedirect(safeRedirect(this.field('next'), AFTER_LOGIN));
    return new Response({ detail: 'Successfully logged out.' });
  }
}

/** POST `oldPassword` and `newPassword`; the user's other sessions end (DJ07, DJ10). */
export class PasswordChangeView extends SessionPage {
  override async get(request: Request): Promise<HttpResponse> {
    if ((await sessionUser(request)) === null) throw new NotAuthenticated();
    return this.isPage ? this.#form() : new Response({ csrfToken: csrfToken(request) });
  }

  override async post(request: Request): Promise<HttpResponse> {
    const user = await sessionUser(request);
    if (user === null) throw new NotAuthenticated();
    const newPassword = this.field('newPassword');
    try {
      await this.#checkOld(request, user);
      checkNewPassword(request, newPassword, user);
    } catch (error) {
      if (!this.isPage || !(error instanceof ValidationError)) throw error;
      return this.#form(Object.values(error.detail).flat().map(String));
    }
    await setPassword(request, user, newPassword);
    await updateSessionHash(request, user);
    return this.isPage
      ? new HttpResponseRedirect(AFTER_LOGIN)
      : new Response({ detail: 'New password has been saved.' });
  }

  async #checkOld(request: Request, user: AbstractUser): Promise<void> {
    const username = user.getUsername();
    await throttleLogin(request, username);
    if ((await authenticate(request, { username, password: this.field('oldPassword') })) !== null) return;
    throw new ValidationError({ oldPassword: ['Your old password was entered incorrectly. Please enter it again.'] });
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

/** Throws ValidationError under `newPassword` with what is wrong with it. */
export function checkNewPassword(request: Request, password: string, user: AbstractUser): void {
  try {
    validatePassword(password, { ...user }, authOptions(request.site).passwordValidators);
  } catch (error) {
    throw error instanceof APIException ? new ValidationError({ newPassword: error.detail as never }) : error;
  }
}

/** Login, logout and change of password, below a prefix: `authUrls('/accounts/')` among the project's URLs. */
export function authUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/login/', LoginView, { name: 'login' }),
    path('/logout/', LogoutView, { name: 'logout' }),
    path('/password-change/', PasswordChangeView, { name: 'password_change' }),
  ]);
}
