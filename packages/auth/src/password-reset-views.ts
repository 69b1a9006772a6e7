import { ImproperlyConfigured, NotFound, ValidationError } from '@rf/exceptions';
import { db, findEntity } from '@rf/orm';
import { describeError, HttpResponse, include, path, type Request, Response, type UrlInclude } from '@rf/views';
import { ILike } from 'typeorm';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions, type PasswordReset } from './auth-options.ts';
import { csrfToken } from './csrf.ts';
import { html } from './html.ts';
import { checkNewPassword } from './login-views.ts';
import { throttleLogin } from './login-throttle.ts';
import { checkPasswordResetToken, makePasswordResetToken } from './password-reset-token.ts';
import { isPasswordUsable } from './passwords.ts';
import { SessionPage } from './session-page.ts';
import { replacePassword } from './set-password.ts';
import { userModel } from './user-model.ts';

/** POST `email`: whoever has that address is sent a link by `auth({ sendPasswordReset })` (DJ10). The answer never tells who exists. */
export class PasswordResetView extends SessionPage {
  override get(request: Request): HttpResponse {
    if (!this.isPage) return new Response({ csrfToken: csrfToken(request) });
    const body = html`
<form method="post">
${this.csrfInput}
<label for="email">E-mail address</label>
<input type="text" id="email" name="email" autocomplete="email" required autofocus>
<button>Send me a link</button>
</form>`;
    return this.show('Reset password', body);
  }

  override async post(request: Request): Promise<HttpResponse> {
    const { sendPasswordReset } = authOptions(request.site);
    if (sendPasswordReset === undefined) {
      throw new ImproperlyConfigured(
        'PasswordResetView has nobody to send the link: write auth({ sendPasswordReset: async ({ user, uid, token }) => … }).',
      );
    }
    const email = this.field('email').trim();
    if (email === '') throw new ValidationError({ email: ['This field is required.'] });
    await throttleLogin(request, email);
    const users = await usersOf(request, email);
    // Not awaited: how long sending takes would tell who exists.
    for (const user of users) void this.#send(sendPasswordReset, request, user);
    const text = 'If there is an account with that address, a link is on its way to it.';
    return this.isPage ? this.show('Reset password', html`<p>${text}</p>`) : new Response({ detail: text });
  }

  async #send(send: (reset: PasswordReset) => unknown, request: Request, user: AbstractUser): Promise<void> {
    const { site } = request;
    try {
      await send({ user, uid: encodeUid(user.id), token: makePasswordResetToken(site, user), request });
    } catch (error) {
      site.logger.error(
        { err: describeError(error), reqId: request.http.id },
        'a link to reset a password could not be sent',
      );
    }
  }
}

/** POST `newPassword` to the link: the password is set, and the user's sessions end (DJ10). */
export class PasswordResetConfirmView extends SessionPage {
  override async get(request: Request): Promise<HttpResponse> {
    await this.#user(request);
    return this.isPage ? this.#form() : new Response({ csrfToken: csrfToken(request) });
  }

  override async post(request: Request): Promise<HttpResponse> {
    const user = await this.#user(request);
    const newPassword = this.field('newPassword');
    try {
      checkNewPassword(request, newPassword, user);
    } catch (error) {
      if (!this.isPage || !(error instanceof ValidationError)) throw error;
      return this.#form(Object.values(error.detail).flat().map(String));
    }
    // Whoever read the same user a moment ago may have used the link up.
    if (!(await replacePassword(request, user, newPassword))) throw invalidLink();
    const text = 'New password has been saved.';
    return this.isPage ? this.show('Reset password', html`<p>${text}</p>`) : new Response({ detail: text });
  }

  async #user(request: Request): Promise<AbstractUser> {
    const id = decodeUid(this.params.uid ?? '');
    const user = id === null ? null : await findEntity(request, userModel(request), { id });
    const counts = user?.isActive && checkPasswordResetToken(request.site, user, this.params.token ?? '');
    if (user === null || !counts) throw invalidLink();
    return user;
  }

  #form(errors: readonly string[] = []): HttpResponse {
    const body = html`
${errors.map((error) => html`<p class="error">${error}</p>`)}
<form method="post">
${this.csrfInput}
<label for="new">New password</label>
<input type="password" id="new" name="newPassword" autocomplete="new-password" required autofocus>
<button>Set password</button>
</form>`;
    return this.show('Reset password', body);
  }
}

const invalidLink = (): NotFound => new NotFound('The link is invalid or has expired; ask for a new one.');

/** Only who has a password can forget it. */
async function usersOf(request: Request, email: string): Promise<AbstractUser[]> {
  if (email.includes('\0')) return [];
  const pattern = email.replace(/[\\%_]/g, '\\$&');
  const found = await db(request).findBy(userModel(request), { email: ILike(pattern), isActive: true });
  return found.filter((user) => isPasswordUsable(user.password));
}

const encodeUid = (id: number): string => Buffer.from(String(id)).toString('base64url');

function decodeUid(uid: string): number | null {
  const text = Buffer.from(uid, 'base64url').toString('latin1');
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** Asking for a link and setting the password, below a prefix: `passwordResetUrls('/accounts/password-reset/')`. */
export function passwordResetUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/', PasswordResetView, { name: 'password_reset' }),
    path('/:uid/:token/', PasswordResetConfirmView, { name: 'password_reset_confirm' }),
  ]);
}
