import { parseUrlEncoded } from '@rf/views';

/**
 * `url` with one query parameter set. All parameters are sorted by name, blank ones are kept, spaces are `+` (PG04).
 */
export function replaceQueryParam(url: string, name: string, value: string | number): string {
  return rewritten(url, (params) => params.set(name, [String(value)]));
}

/** `url` without one query parameter, the others as {@link replaceQueryParam} leaves them. */
export function removeQueryParam(url: string, name: string): string {
  return rewritten(url, (params) => params.delete(name));
}

function rewritten(url: string, change: (params: Map<string, string[]>) => void): string {
  const [withoutFragment = '', fragment] = splitAt(url, '#');
  const [base = '', query = ''] = splitAt(withoutFragment, '?');
  const params = new Map<string, string[]>(parseUrlEncoded(query));
  change(params);
  const names = [...params.keys()].sort(byCodePoint);
  const text = names
    .flatMap((name) => (params.get(name) as string[]).map((value) => `${formEncode(name)}=${formEncode(value)}`))
    .join('&');
  return `${base}${text === '' ? '' : `?${text}`}${fragment === undefined ? '' : `#${fragment}`}`;
}

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** JavaScript compares UTF-16 units, in which the characters beyond U+FFFF come too early. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Form encoding in which letters, digits and `_.-~` stay as they are. */
export function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
