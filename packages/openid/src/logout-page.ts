import { hiddenField, type Html, html } from '@rf/auth';

/** What {@link logoutBody} shows. */
export interface LogoutConfirmation {
  /** Who asks for the log-out; null when that is not known. */
  readonly application: string | null;
  /** What the form sends back with the `decision`, which is `logout` or `stay`. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  readonly csrf: Html;
}

/** Asks whether the user wants to log out. */
export const logoutBody = ({ application, fields, csrf }: LogoutConfirmation): Html => html`<p>${
  application === null
    ? html`Do you want to log out?`
    : html`<strong>${application}</strong> asks to log you out. Do you want to?`
}</p>
<form method="post">
${csrf}
${[...fields].map(([name, value]) => hiddenField(name, value))}
<button name="decision" value="logout">Log out</button>
<button name="decision" value="stay">Stay logged in</button>
</form>`;
