import { type Html, html } from './html.ts';

/** An application that may act for a user. */
export interface ConnectedApplication {
  readonly name: string;
  /** Words separated by spaces; one that comes twice is shown once. */
  readonly scope: string;
  /** Path to which the button posts. */
  readonly disconnectUrl: string;
}

/** Which applications may act for the user, each with a button that ends it (OA28). */
export function connectedApplicationsBody(applications: readonly ConnectedApplication[], csrf: Html): Html {
  if (applications.length === 0) return html`<p>No application may act for you.</p>`;
  return html`<table><tr><th>Application</th><th>May</th><th></th></tr>
${applications.map(
  ({ name, scope, disconnectUrl }) => html`<tr><td>${name}</td><td>${[...new Set(scope.split(' '))].join(' ')}</td>
<td><form method="post" action="${disconnectUrl}">${csrf}<button>Disconnect</button></form></td></tr>`,
)}
</table>`;
}
