import { isUtf8 } from 'node:buffer';

/** Parameters of a `Content-Disposition` field by lower-case name; RFC 8187 values (`filename*`) decoded under their name without `*`. */
export function parseDispositionParameters(header: string): ReadonlyMap<string, string> {
  const plain = new Map<string, string>();
  const extended = new Map<string, string>();
  for (const [, name = '', quoted, token = ''] of header.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    const value = quoted === undefined ? token : quoted.replace(/\\(.)/gs, '$1');
    if (!key.endsWith('*')) plain.set(key, decodeHeaderText(value));
    else {
      const decoded = decodeExtended(value);
      if (decoded !== null) extended.set(key.slice(0, -1), decoded);
    }
  }
  // The extended form is preferred wherever it stands (RFC 6266, section 4.3).
  return new Map([...plain, ...extended]);
}

const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gs;

/** `utf-8'en'na%C3%AFve.txt` (RFC 8187, section 3.2); null when it is not that. */
function decodeExtended(value: string): string | null {
  const found = /^([^']*)'[^']*'(.*)$/s.exec(value);
  if (found === null) return null;
  const [, charset = '', encoded = ''] = found;
  const bytes = Buffer.from(
    encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  if (/^utf-?8$/i.test(charset)) return bytes.toString('utf8');
  return /^iso-8859-1$/i.test(charset) ? bytes.toString('latin1') : null;
}

/** Header bytes come as Latin-1 text, which they may be; clients rather write UTF-8. */
function decodeHeaderText(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}
