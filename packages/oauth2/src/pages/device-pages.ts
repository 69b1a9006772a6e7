import { decisionForm, type Html, html, resourceList, scopeList } from '@rf/auth';
import type { OAuth2Client } from '../client.ts';
import { clientNotice } from '../client-notice.ts';

/** Asks for the code that a device shows (RFC 8628, section 3.3). */
export const userCodeBody = (csrf: Html, typed: string, error: string | null): Html =>
  html`${error !== null && html`<p class="error" role="alert">${error}</p>`}
<form method="post">
${csrf}
<label>Code shown on the device
<input type="text" name="user_code" value="${typed}" autocomplete="off" autocapitalize="characters" required autofocus></label>
<button>Continue</button>
</form>`;

/** What {@link deviceConsentBody} shows. */
export interface DeviceConsent {
  readonly client: OAuth2Client;
  readonly username: string;
  readonly scopes: readonly (readonly [string, string])[];
  /** Identifiers and words of the APIs at which it would act; none for this one. */
  readonly resources: readonly (readonly [string, string])[];
  readonly userCode: string;
  readonly csrf: Html;
}

/** Asks whether the device may act for the user; the code is shown, to be compared with the device's (section 5.4). */
export const deviceConsentBody = ({ client, username, scopes, resources, userCode, csrf }: DeviceConsent): Html =>
  html`<p>A device that shows the code <strong>${userCode}</strong> asks, with <strong>${client.name}</strong>, to act for you,
<strong>${username}</strong>. It would be allowed to:</p>
${scopeList(scopes)}
${resourceList(resources)}
${clientNotice(client) !== '' && html`<p>${clientNotice(client)}</p>`}
<p>Allow this only if the device is in front of you and you started it yourself.</p>
${decisionForm([['user_code', userCode]], csrf)}`;
