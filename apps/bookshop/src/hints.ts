import { users } from '@rf/auth';
import { getOrCreateToken } from '@rf/authtoken';
import { db } from '@rf/orm';
import type { ProjectSite } from '@rf/project';
import type { Hint } from './schemes/scheme.ts';
import { schemes } from './schemes/schemes.ts';

/** The smallest picture there is. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';

/** Lines to paste into a terminal; each works as it stands. */
export async function hints(site: ProjectSite, origin: string): Promise<readonly Hint[]> {
  const tokenOf = async (username: string) =>
    `-H 'Authorization: Token ${(await getOrCreateToken(db(site), await users(site).findOneByOrFail({ username }))).key}'`;
  const [bob, carol] = [await tokenOf('bob'), await tokenOf('carol')];
  const ofSchemes = [];
  for (const scheme of schemes) ofSchemes.push(...(await scheme.hints(site, origin)));
  return [
    ['What there is', `curl ${origin}/api/`],
    ['Books, the cheapest first', `curl '${origin}/api/books/?on_sale=true&ordering=price&page_size=2'`],
    ['A search, and two filters', `curl '${origin}/api/books/?search=austen&price__lt=8&tag=classic'`],
    ['The newest, page by page: follow `next`', `curl ${origin}/api/books/newest/`],
    ['Authors, from the third on', `curl '${origin}/api/authors/?limit=2&offset=2'`],
    ['What a client may send', `curl -X OPTIONS ${carol} ${origin}/api/books/`],
    [
      'A new book, by carol of the staff',
      `curl ${carol} -H 'Content-Type: application/json' -d '{"title":"Sanditon","isbn":"9780141439792","price":"6.50","publisher":null,"authorIds":[1],"tags":["classic"]}' ${origin}/api/books/`,
    ],
    ['The same by bob is refused', `curl ${bob} -d title=Sanditon ${origin}/api/books/`],
    [
      'A cover',
      `echo ${PICTURE} | base64 -d | curl ${carol} -X PATCH -F 'cover=@-;filename=emma.png' ${origin}/api/books/1/`,
    ],
    [
      'Many tags at once',
      `curl ${carol} -H 'Content-Type: application/json' -d '[{"slug":"new","label":"New"},{"slug":"old","label":"Old"}]' ${origin}/api/tags/`,
    ],
    ["Bob's review of a book", `curl ${bob} -d stars=5 -d 'text=At last.' ${origin}/api/books/2/reviews/`],
    ["Alice's review is not Bob's to change", `curl -X PATCH ${bob} -d stars=1 ${origin}/api/books/1/reviews/1/`],
    [
      'Nothing new: 304',
      `curl -i -H "If-None-Match: $(curl -si ${origin}/api/books/3/ | sed -n 's/^etag: \\(.*\\)\\r$/\\1/p')" ${origin}/api/books/3/`,
    ],
    ['Somebody was faster: 412', `curl -i -X PATCH ${carol} -H 'If-Match: "0"' -d price=1 ${origin}/api/books/3/`],
    ...ofSchemes,
    ['A view for staff only', `curl -X POST ${carol} ${origin}/hooks/deploy/`],
    ['Versions', `curl '${origin}/greeting/?version=2'`],
    [
      'Throttling: the fourth is refused',
      `for i in 1 2 3 4; do curl -s -o /dev/null -w '%{http_code}\\n' ${origin}/ping/; done`,
    ],
    ['Is it alive, is it ready', `curl ${origin}/healthz ${origin}/readyz`],
  ];
}

/** What is printed at the start. */
export function welcome(origin: string, lines: readonly Hint[]): string {
  return [
    `The bookshop listens on ${origin}`,
    `Its root lists what there is: ${origin}/api/`,
    `A login page for browsers: ${origin}/accounts/login/ (alice, alice-pass-1)`,
    '',
    ...lines.flatMap(([what, command]) => [`# ${what}`, command, '']),
  ].join('\n');
}
