import type { Demo } from './demo.ts';

/** Lines to paste into a terminal; each works as it stands. */
export function hints(origin: string, { aliceToken, adminToken, stockToken }: Demo): string {
  const lines: readonly (readonly [what: string, command: string])[] = [
    ['A class view, with Basic authentication', `curl -u alice:alice-pass-1 ${origin}/example/`],
    ['The same view as a function', `curl -u alice:alice-pass-1 ${origin}/example-function/`],
    ['Nobody is told how to log in', `curl -i ${origin}/example/`],
    ["Alice's token", `curl -d username=alice -d password=alice-pass-1 ${origin}/api-token-auth/`],
    ['A scheme of our own', `curl -H 'X-Username: alice' ${origin}/whoami/`],
    ['A view for staff only', `curl -X POST -H 'Authorization: Token ${adminToken}' ${origin}/hooks/deploy/`],
    ['An access token with a scope', `curl -H 'Authorization: Bearer ${stockToken}' ${origin}/stock/`],
    ["Alice's access tokens", `curl -H 'Authorization: Token ${aliceToken}' ${origin}/access-tokens/`],
    ['Versions', `curl '${origin}/greeting/?version=2'`],
    [
      'Throttling: the fourth is refused',
      `for i in 1 2 3 4; do curl -s -o /dev/null -w '%{http_code}\\n' ${origin}/ping/; done`,
    ],
    ['What a view can do', `curl -X OPTIONS -u alice:alice-pass-1 ${origin}/example/`],
    ['Is it alive, is it ready', `curl ${origin}/healthz ${origin}/readyz`],
  ];
  return [
    `The bookshop listens on ${origin}`,
    `A login page for browsers: ${origin}/accounts/login/ (alice, alice-pass-1)`,
    '',
    ...lines.flatMap(([what, command]) => [`# ${what}`, command, '']),
  ].join('\n');
}
