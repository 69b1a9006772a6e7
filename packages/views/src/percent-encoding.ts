import { decodeText } from './charset.ts';

/** Reads the percent escapes of `text` as bytes in `charset`, UTF-8 for null; broken ones stay as they are, what they cannot mean becomes U+FFFD. */
export function decodePercent(text: string, charset: string | null): string {
  if (!text.includes('%')) return text;
  // In some charsets the second byte of a character is a letter, which nobody escapes.
  return text.replace(/[\x00-\x7f]+/g, (ascii) =>
    ascii.includes('%') ? decodeText(unescapeBytes(Buffer.from(ascii, 'latin1')), charset) : ascii,
  );
}

/** Byte by byte, since a broken escape must not spoil the good ones. */
function unescapeBytes(bytes: Buffer): Buffer {
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const code = byte === PERCENT ? hexPair(bytes[at + 1], bytes[at + 2]) : -1;
    if (code === -1) bytes[length] = byte;
    else {
      bytes[length] = code;
      at += 2;
    }
    length += 1;
  }
  return bytes.subarray(0, length);
}

const PERCENT = 0x25;

/** The byte that two hexadecimal digits stand for; -1 for anything else. */
function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first === -1 || second === -1 ? -1 : first * 16 + second;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
