import { type Html, html } from '@rf/auth';
import type { GrantType, OAuth2Client } from '../client.ts';
import type { ClientProblems } from '../client-problems.ts';

/** Addresses of the pages, by what they do. */
export interface ApplicationLinks {
  readonly list: string;
  readonly register: string;
  detail(client: OAuth2Client): string;
  update(client: OAuth2Client): string;
  delete(client: OAuth2Client): string;
}

const GRANT_NAMES: Readonly<Record<GrantType, string>> = {
  authorization_code: 'Users log in and allow it (authorization code)',
  refresh_token: 'It stays connected (refresh token)',
  client_credentials: 'It acts for itself (client credentials)',
  password: 'It takes passwords of users (password, discouraged)',
  'urn:ietf:params:oauth:grant-type:device_code': 'It runs on a device without a keyboard (device code)',
};

/** The applications of a user. */
export function applicationListBody(clients: readonly OAuth2Client[], links: ApplicationLinks): Html {
  return html`${
    clients.length === 0
      ? html`<p>You have not registered any.</p>`
      : html`<ul>${clients.map((client) => html`<li><a href="${links.detail(client)}">${client.name}</a></li>`)}</ul>`
  }
<p><a href="${links.register}">Register an application</a></p>`;
}

/** One application; `secret` is the new secret, shown this once. */
export function applicationBody(
  client: OAuth2Client,
  links: ApplicationLinks,
  csrf: Html,
  secret: string | null,
): Html {
  return html`${
    secret !== null &&
    html`<p class="secret">Client secret: <code id="client-secret">${secret}</code><br>Copy it now. It is not shown again.</p>`
  }
<dl>
<dt>Client id</dt><dd><code id="client-id">${client.clientId}</code></dd>
<dt>Type</dt><dd>${client.clientType}</dd>
<dt>Grants</dt><dd>${client.grants.map((grant) => html`${GRANT_NAMES[grant]}<br>`)}</dd>
<dt>Redirect URIs</dt><dd>${client.redirectUris.map((uri) => html`<code>${uri}</code><br>`)}</dd>
${
  client.postLogoutRedirectUris.length > 0 &&
  html`<dt>After the log-out</dt><dd>${client.postLogoutRedirectUris.map((uri) => html`<code>${uri}</code><br>`)}</dd>`
}
<dt>Scopes</dt><dd>${client.scopes.join(' ')}</dd>
</dl>
${
  !client.isPublic &&
  html`<form method="post">${csrf}<button name="action" value="rotate-secret">Make a new secret</button></form>`
}
<p><a href="${links.update(client)}">Change</a> · <a href="${links.delete(client)}">Delete</a> ·
<a href="${links.list}">All applications</a></p>`;
}

/** What may be chosen on the form. */
export interface ApplicationChoices {
  readonly grants: readonly GrantType[];
  /** Name and description. */
  readonly scopes: readonly (readonly [string, string])[];
  /** Whether clients may have users logged out, and so have addresses to come back to. */
  readonly logout: boolean;
}

/** The form to register or change an application. */
export function applicationFormBody(
  client: OAuth2Client,
  choices: ApplicationChoices,
  problems: ClientProblems,
  csrf: Html,
): Html {
  return html`<form method="post">
${csrf}
${problem(problems.name)}
<label>Name <input type="text" name="name" value="${client.name}" maxlength="255" required></label>
${problem(problems.authMethod)}
<label>Type <select name="client_type">
<option value="confidential"${selected(!client.isPublic)}>confidential: runs on a server and keeps a secret</option>
<option value="public"${selected(client.isPublic)}>public: runs in a browser or on a device</option>
</select></label>
${problem(problems.redirectUris)}
<label>Redirect URIs, one a line <textarea name="redirect_uris" rows="4">
${client.redirectUris.join('\n')}</textarea></label>
${
  choices.logout &&
  html`${problem(problems.postLogoutRedirectUris)}
<label>Addresses after the log-out, one a line <textarea name="post_logout_redirect_uris" rows="2">
${client.postLogoutRedirectUris.join('\n')}</textarea></label>`
}
${problem(problems.grants)}
<fieldset><legend>Grants</legend>
${choices.grants.map((grant) => checkbox('grants', grant, client.grants.includes(grant), GRANT_NAMES[grant]))}
</fieldset>
${problem(problems.scopes)}
<fieldset><legend>May ask to</legend>
${choices.scopes.map(([name, text]) => checkbox('scopes', name, client.scopes.includes(name), `${text} (${name})`))}
</fieldset>
<button>Save</button>
</form>`;
}

/** Asks before an application and all of its tokens go. */
export function applicationDeleteBody(client: OAuth2Client, links: ApplicationLinks, csrf: Html): Html {
  return html`<p>Everybody who uses it is disconnected at once.</p>
<form method="post">${csrf}<button>Delete</button></form>
<p><a href="${links.detail(client)}">Keep it</a></p>`;
}

const problem = (text: string | undefined): Html | null =>
  text === undefined ? null : html`<p class="error" role="alert">${text}</p>`;

const selected = (yes: boolean): Html | false => yes && html` selected`;

const checkbox = (name: string, value: string, checked: boolean, label: string): Html =>
  html`<label><input type="checkbox" name="${name}" value="${value}"${checked && html` checked`}> ${label}</label>`;
