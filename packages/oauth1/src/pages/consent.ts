import { type Html, html } from '@rf/auth';
import type { OAuth1Consumer } from '../consumer.ts';

/** What the consent page shows and sends back. */
export interface Consent {
  readonly consumer: OAuth1Consumer;
  /** Who is asked. */
  readonly username: string;
  /** Name and description of each scope. */
  readonly scopes: readonly (readonly [string, string])[];
  /** Where the answer goes; null when the user types it. */
  readonly callback: string | null;
  /** Of the temporary credentials. */
  readonly token: string;
  readonly csrf: Html;
}

/** Asks the user whether a consumer may act for them. */
export function consentBody({ consumer, username, scopes, callback, token, csrf }: Consent): Html {
  return html`<p><strong>${consumer.name}</strong> asks to act for you, <strong>${username}</strong>. It would be allowed to:</p>
<ul>${scopes.map(([name, description]) => html`<li>${description} <code>${name}</code></li>`)}</ul>
${consumer.description !== '' && html`<p>${consumer.description}</p>`}
<p>${whatFollows(callback)} Allow this only if you trust it and were just using it.</p>
<form method="post">
${csrf}
<input type="hidden" name="oauth_token" value="${token}">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`;
}

function whatFollows(callback: string | null): Html {
  if (callback === null) return html`You will be shown a code to type into it.`;
  return html`You will be sent to <strong>${placeOf(callback)}</strong>.`;
}

/** The part of a callback that a person can judge: host and port, or a private scheme. */
function placeOf(callback: string): string {
  const { protocol, host } = new URL(callback);
  return /^https?:$/.test(protocol) ? host : `an application on this device (${protocol.slice(0, -1)})`;
}
