/** What stands between spaces: text with quoted phrases in it, or anything else. */
const TERM = /(?:[^\s'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s'"]*)+)|\S+/gsu;

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
          .map((part) => part.trim()),
      );
  }
  return terms;
}

function unquoted(term: string, quote: string): string {
  return term.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\');
}
