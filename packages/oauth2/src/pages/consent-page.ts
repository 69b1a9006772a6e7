import { type Html, html } from '@rf/auth';
import type { HttpResponse } from '@rf/views';
import type { OAuth2Client } from '../client.ts';
import { page } from './page.ts';

/** What the consent page shows and sends back. */
export interface ConsentPage {
  readonly client: OAuth2Client;
  /** Who is asked. */
  readonly username: string;
  /** Name and description of each scope. */
  readonly scopes: readonly (readonly [string, string])[];
  /** Where the answer goes. */
  readonly redirectUri: string;
  /** The request's own parameters, sent back with the decision. */
  readonly params: Iterable<readonly [string, string]>;
  readonly csrf: Html;
}

/** Asks the user whether a client may act for them (OA09). */
export function consentPage({ client, username, scopes, redirectUri, params, csrf }: ConsentPage): HttpResponse {
  return page(
    `Allow ${client.name}?`,
    html`<p><strong>${client.name}</strong> asks to act for you, <strong>${username}</strong>. It would be allowed to:</p>
${scopeList(scopes)}
<p>You will be sent to <strong>${placeOf(redirectUri)}</strong>. Allow this only if you trust it and were just using it.</p>
<form method="post">
${csrf}
${[...params].map(([name, value]) => hidden(name, value))}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
    { formLeadsOn: true },
  );
}

/** The scopes with what they mean. */
export const scopeList = (scopes: readonly (readonly [string, string])[]): Html =>
  html`<ul>${scopes.map(([name, description]) => html`<li>${description} <code>${name}</code></li>`)}</ul>`;

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** The part of a redirect URI that a person can judge: host and port, or a private scheme. */
function placeOf(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.protocol === 'https:' || url.protocol === 'http:'
    ? url.host
    : `an application on this device (${url.protocol.slice(0, -1)})`;
}
