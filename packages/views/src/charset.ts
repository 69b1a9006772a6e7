import { isAscii, isUtf8 } from 'node:buffer';

/** The charset that is called `label`, by its name in the WHATWG's Encoding standard or one of Python's; null for one that is unknown. */
export function findCharset(label: string): string | null {
  const name = normalize(label);
  const own = OWN.find(([, names]) => names.test(name));
  if (own !== undefined) return own[0];
  const dashed = name.replaceAll('_', '-');
  for (const candidate of [LABELS.get(name), label.trim(), name, dashed]) {
    const encoding = candidate === undefined ? null : encodingOf(candidate);
    if (encoding !== null) return encoding;
  }
  return null;
}

/** Python compares names so: case and what stands between letters and digits do not matter. */
function normalize(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '_')
    .replace(/^_|_$/g, '');
}

function encodingOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

/** Charsets that a TextDecoder lacks, or reads as another one. */
const OWN: readonly (readonly [string, RegExp])[] = [
  ['utf-8', /^(u8|utf|utf_?8|cp65001)$/],
  ['utf-8-sig', /^utf_8_sig$/],
  ['iso-8859-1', /^(iso_?8859_?1|iso_8859_1_1987|iso_ir_100|latin_?1?|l1|cp819|ibm819|csisolatin1|iso8859|8859)$/],
  ['windows-1252', /^(windows_1252|(x_)?cp1252|1252)$/],
  ['us-ascii', /^((us_)?ascii|us|iso646_us|iso_ir_6|cp367|ibm367|csascii|646|ansi_x3.4_19(68|86))$/],
  ['utf-16', /^(u16|utf_?16)$/],
  ['utf-32', /^(u32|utf_?32)$/],
  ['utf-32le', /^utf_?32_?le$/],
  ['utf-32be', /^utf_?32_?be$/],
];

/** Python's names of charsets that a TextDecoder knows by others. */
const PYTHON_NAMES: Readonly<Record<string, string>> = {
  shift_jis: '932 cp932 mskanji s_jis shiftjis',
  'euc-jp': 'eucjp ujis u_jis',
  'iso-2022-jp': 'iso2022jp iso2022_jp',
  gbk: '936 cp936 ms936 euccn euc_cn eucgb2312_cn gb2312_80',
  gb18030: 'gb18030_2000',
  big5: '950 cp950 ms950 big5_tw big5hkscs hkscs',
  'euc-kr': '949 cp949 ms949 uhc euckr ks_c_5601 ksx1001 ks_x_1001',
  'koi8-r': 'koi8r',
  'koi8-u': 'koi8u',
  macintosh: 'mac_roman macroman',
  'x-mac-cyrillic': 'mac_cyrillic maccyrillic',
  'windows-874': 'cp874',
  'iso-8859-13': 'latin7 l7',
  'iso-8859-14': 'latin8 l8',
  'iso-8859-15': 'latin9 latin_9',
  'utf-16le': 'utf_16_le',
  'utf-16be': 'utf_16_be',
};

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries(PYTHON_NAMES).flatMap(([label, names]) => names.split(' ').map((name) => [name, label] as const)),
);

/** True for what Python calls an encoding and is none of text: of bytes as other bytes, or of text as other text. */
export function isNoCharset(label: string): boolean {
  return NO_CHARSET.test(normalize(label));
}

const NO_CHARSET = /^(base64|bz2|hex|quopri|uu|zlib)(_codec)?$|^(base_64|quoted_?printable|zip|rot_?13)$/;

/** Reads bytes as text in `charset`; UTF-8 for null. Broken sequences become U+FFFD. */
export function decodeText(body: Uint8Array, charset: string | null): string {
  return decode(Buffer.from(body.buffer, body.byteOffset, body.length), charset, false);
}

/** Reads bytes as text in `charset`; null when they are no such text. */
export function decodeTextStrictly(body: Buffer, charset: string | null): string | null {
  if (charset === null || charset === 'utf-8') return isUtf8(body) ? body.toString('utf8') : null;
  try {
    return decode(body, charset, true);
  } catch {
    return null;
  }
}

/** Throws for broken sequences where `fatal`. */
function decode(bytes: Buffer, charset: string | null, fatal: boolean): string {
  switch (charset) {
    case null:
    case 'utf-8':
      return bytes.toString('utf8');
    case 'utf-8-sig':
      return new TextDecoder('utf-8', { fatal }).decode(bytes);
    case 'iso-8859-1':
      return bytes.toString('latin1');
    case 'us-ascii':
      if (isAscii(bytes)) return bytes.toString('latin1');
      return replaceOrThrow(bytes.toString('latin1'), /[\x80-\xff]/g, () => REPLACEMENT, fatal);
    case 'windows-1252':
      return replaceOrThrow(bytes.toString('latin1'), /[\x80-\x9f]/g, windows1252, fatal);
    case 'utf-16':
      return new TextDecoder(bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-16le', { fatal }).decode(bytes);
    case 'utf-32':
      if (bytes.length >= 4 && bytes.readUInt32BE(0) === BOM) return decodeUtf32(bytes.subarray(4), 'BE', fatal);
      return decodeUtf32(bytes.length >= 4 && bytes.readUInt32LE(0) === BOM ? bytes.subarray(4) : bytes, 'LE', fatal);
    case 'utf-32le':
      return decodeUtf32(bytes, 'LE', fatal);
    case 'utf-32be':
      return decodeUtf32(bytes, 'BE', fatal);
    default:
      return new TextDecoder(charset, { fatal, ignoreBOM: true }).decode(bytes);
  }
}

const REPLACEMENT = '\ufffd';
const BOM = 0xfeff;

function replaceOrThrow(text: string, pattern: RegExp, replace: (char: string) => string, fatal: boolean): string {
  const replaced = text.replace(pattern, replace);
  if (fatal && replaced.includes(REPLACEMENT)) throw new TypeError('bytes that are no text');
  return replaced;
}

// What stands between 0x80 and 0x9f. Node's own decoder reads the controls of ISO 8859-1 there.
const WINDOWS_1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';

const windows1252 = (char: string): string => WINDOWS_1252.charAt(char.charCodeAt(0) - 0x80);

function decodeUtf32(bytes: Buffer, order: 'LE' | 'BE', fatal: boolean): string {
  const utf16 = Buffer.alloc(4 * Math.ceil(bytes.length / 4));
  let length = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    const isWhole = at + 4 <= bytes.length;
    const code = !isWhole ? -1 : order === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    const isCharacter = code >= 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (!isCharacter && fatal) throw new TypeError('bytes that are no text');
    const text = isCharacter ? String.fromCodePoint(code) : REPLACEMENT;
    length += utf16.write(text, length, 'utf16le');
  }
  return utf16.toString('utf16le', 0, length);
}
