import { findCharset } from './charset.ts';
import { decodePercent } from './percent-encoding.ts';

/** A header field such as `form-data; name="a"`: what it says first, and the parameters behind it. */
export interface ParameterizedHeader {
  /** As sent, trimmed. */
  readonly value: string;
  /** By lower-case name; quotes removed. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Reads `value; name=text; name="text"`. What has no `=` is no parameter.
 *
 * A name with `*` (`filename*=utf-8'en'na%C3%AFve.txt`, RFC 8187) stands for the one without and is preferred wherever it is. A value
 * in a charset that is unknown is a text like any other.
 *
 * @param decode makes text of what is not escaped; by default it is text already
 */
export function parseHeaderParameters(header: string, decode = asItIs): ParameterizedHeader {
  const [value = '', ...rest] = splitParameters(header);
  const params = new Map<string, string>();
  const preferred = new Set<string>();
  for (const part of rest) {
    const at = part.indexOf('=');
    if (at === -1) continue;
    const text = unquote(trimBlanks(part.slice(at + 1)));
    const sent = trimBlanks(part.slice(0, at)).toLowerCase();
    const name = sent.endsWith('*') ? sent.slice(0, -1) : sent;
    const [, label, encoded = text] = (name === sent ? null : EXTENDED.exec(text)) ?? [];
    const charset = label === undefined ? null : findCharset(label === '' ? 'utf-8' : label);
    if (charset !== null) {
      params.set(name, decodePercent(encoded, charset));
      preferred.add(name);
    } else if (!preferred.has(name)) params.set(name, decode(encoded));
  }
  return { value: trimBlanks(value), params };
}

/** Takes off what is blank in ASCII: in a text of bytes, others may be half of a character. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

const asItIs = (text: string): string => text;

function splitParameters(text: string): string[] {
  if (!text.includes('"')) return text.split(';');
  const parts: string[] = [];
  let quoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"' && text[at - 1] !== '\\') quoted = !quoted;
    else if (text[at] === ';' && !quoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  // Only what has to be escaped is: clients write the folders of Windows as they are.
  return text.slice(1, -1).replaceAll('\\\\', '\\').replaceAll('\\"', '"');
}

/** Charset, language and value (RFC 8187, section 3.2). */
const EXTENDED = /^([^']*)'[^']*'([^']*)$/s;
