/**
 * A text as it is signed (RFC 5849, section 3.6): UTF-8, everything but letters, digits and `-._~` as `%XX` in upper case.
 *
 * Half of a surrogate pair, which UTF-8 cannot write, becomes U+FFFD.
 */
export function percentEncode(text: string): string {
  return /^[\w.~-]*$/.test(text) ? text : percentEncodeBytes(Buffer.from(text));
}

/** Bytes as they are signed. Not by way of text, or all bytes that are no UTF-8 would look alike. */
function percentEncodeBytes(bytes: Uint8Array): string {
  let encoded = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    encoded += /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** A name or value of a query or form in the spelling that is signed: `+` is a space, escapes are read and written anew. */
export function encodeFormText(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const escape = text[at] === '%' ? /^[0-9a-f]{2}/i.exec(text.slice(at + 1, at + 3)) : null;
    if (escape !== null) {
      bytes.push(Number.parseInt(escape[0], 16));
      at += 2;
    } else {
      bytes.push(text[at] === '+' ? 0x20 : text.charCodeAt(at));
    }
  }
  return percentEncodeBytes(Uint8Array.from(bytes));
}

/** What a text in the spelling that is signed means; null when it is no UTF-8, or has another spelling. */
export function percentDecode(encoded: string): string | null {
  try {
    const text = decodeURIComponent(encoded);
    return percentEncode(text) === encoded ? text : null;
  } catch {
    return null;
  }
}
