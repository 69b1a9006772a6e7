import { type Html, html } from '@rf/auth';
import type { HttpResponse } from '@rf/views';
import type { OAuth2Client } from '../client.ts';
import { hidden, scopeList } from './consent-page.ts';
import { page } from './page.ts';

/** Asks for the code that a device shows (RFC 8628, section 3.3). */
export function userCodePage(csrf: Html, typed: string, error: string | null, status = 200): HttpResponse {
  return page(
    'Connect a device',
    html`${error !== null && html`<p class="error" role="alert">${error}</p>`}
<form method="post">
${csrf}
<label>Code shown on the device
<input type="text" name="user_code" value="${typed}" autocomplete="off" autocapitalize="characters" required autofocus></label>
<button>Continue</button>
</form>`,
    { status },
  );
}

/** What {@link deviceConsentPage} shows. */
export interface DeviceConsentPage {
  readonly client: OAuth2Client;
  readonly username: string;
  readonly scopes: readonly (readonly [string, string])[];
  readonly userCode: string;
  readonly csrf: Html;
}

/** Asks whether the device may act for the user; the code is shown, to be compared with the device's (section 5.4). */
export function deviceConsentPage({ client, username, scopes, userCode, csrf }: DeviceConsentPage): HttpResponse {
  return page(
    `Allow ${client.name}?`,
    html`<p>A device that shows the code <strong>${userCode}</strong> asks, with <strong>${client.name}</strong>, to act for you,
<strong>${username}</strong>. It would be allowed to:</p>
${scopeList(scopes)}
<p>Allow this only if the device is in front of you and you started it yourself.</p>
<form method="post">
${csrf}
${hidden('user_code', userCode)}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  );
}

/** The end: the person goes back to the device. */
export const deviceDonePage = (allowed: boolean): HttpResponse =>
  allowed
    ? page('Device connected', html`<p>You can return to your device.</p>`)
    : page('Device refused', html`<p>The device was not connected.</p>`);
