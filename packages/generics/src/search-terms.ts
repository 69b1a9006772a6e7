import { strip } from '@rf/serializers';

/** What Python counts as white space; JavaScript's `\s` knows other characters. */
const SPACE = String.raw`\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

/** What stands between spaces: text with quoted phrases in it, or anything else. */
const TERM = new RegExp(
  String.raw`(?:[^${SPACE}'"]*(?:(?:"(?:[^"\\]|\\[^\n])*"|'(?:[^'\\]|\\[^\n])*')[^${SPACE}'"]*)+)|[^${SPACE}]+`,
  'gu',
);

/**
 * The terms of a search: parted by white space and commas, phrases in quotes kept together (FT03).
 *
 * `way "to Lisbon",best` gives `way`, `to Lisbon` and `best`.
 */
export function searchTerms(text: string): string[] {
  const terms: string[] = [];
  for (const [found] of text.matchAll(TERM)) {
    const term = found.replace(/^,+|,+$/g, '');
    const quote = term[0];
    if ((quote === '"' || quote === "'") && term.endsWith(quote)) terms.push(unquoted(term, quote));
    else
      terms.push(
        ...term
          .split(',')
          .filter((part) => part !== '')
          .map((part) => strip(part)),
      );
  }
  return terms;
}

function unquoted(term: string, quote: string): string {
  return term.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\');
}
