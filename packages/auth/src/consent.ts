import { hiddenField, type Html, html } from './html.ts';

/** What a user is asked to allow an application, for {@link consentBody}. */
export interface Consent {
  readonly application: string;
  /** More about it; empty for nothing. */
  readonly description?: string;
  /** Who is asked. */
  readonly username: string;
  /** Name and description of each scope. */
  readonly scopes: readonly (readonly [name: string, description: string])[];
  /** Identifier and description of each API at which it would act; none, the default, for this one. */
  readonly resources?: readonly (readonly [identifier: string, description: string])[];
  /** URI to which the answer goes; null when the user types a code. */
  readonly leadsTo: string | null;
  /** What the form sends back with the `decision`, which is `allow` or `deny`. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  readonly csrf: Html;
}

/** A form that asks the user whether an application may act for them. */
export function consentBody(consent: Consent): Html {
  const { application, description = '', username, scopes, resources = [], leadsTo, fields, csrf } = consent;
  return html`<p><strong>${application}</strong> asks to act for you, <strong>${username}</strong>. It would be allowed to:</p>
${scopeList(scopes)}
${resourceList(resources)}
${description !== '' && html`<p>${description}</p>`}
<p>${whatFollows(leadsTo)} Allow this only if you trust it and were just using it.</p>
${decisionForm(fields, csrf)}`;
}

/** Buttons for `allow` and `deny`. */
export const decisionForm = (fields: Consent['fields'], csrf: Html): Html => html`<form method="post">
${csrf}
${[...fields].map(([name, value]) => hiddenField(name, value))}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`;

/** The scopes with what they mean. */
export const scopeList = (scopes: Consent['scopes']): Html =>
  html`<ul>${scopes.map(([name, description]) => html`<li>${description} <code>${name}</code></li>`)}</ul>`;

/** Where it would be allowed; nothing for no resources. */
export const resourceList = (resources: Exclude<Consent['resources'], undefined>): Html =>
  html`${
    resources.length > 0 &&
    html`<p>It would be allowed to do this at:</p>
${scopeList(resources)}`
  }`;

function whatFollows(leadsTo: string | null): Html {
  if (leadsTo === null) return html`You will be shown a code to type into it.`;
  return html`You will be sent to <strong>${placeOf(leadsTo)}</strong>.`;
}

/** The part of a URI that a person can judge: host and port, or a private scheme. */
function placeOf(uri: string): string {
  const { protocol, host } = new URL(uri);
  return /^https?:$/.test(protocol) ? host : `an application on this device (${protocol.slice(0, -1)})`;
}
