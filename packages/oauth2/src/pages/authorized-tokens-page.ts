import { type Html, html } from '@rf/auth';
import type { HttpResponse } from '@rf/views';
import { page } from './page.ts';

/** A client that may act for the user. */
export interface AuthorizedClient {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  /** Where to end it. */
  readonly revokeUrl: string;
}

/** Which applications may act for the user (OA28). */
export function authorizedTokensPage(clients: readonly AuthorizedClient[], csrf: Html): HttpResponse {
  if (clients.length === 0) {
    return page('Connected applications', html`<p>No application may act for you.</p>`);
  }
  return page(
    'Connected applications',
    html`<table><tr><th>Application</th><th>May</th><th></th></tr>
${clients.map(
  ({ name, scope, revokeUrl }) => html`<tr><td>${name}</td><td>${scope}</td>
<td><form method="post" action="${revokeUrl}">${csrf}<button>Disconnect</button></form></td></tr>`,
)}
</table>`,
  );
}
