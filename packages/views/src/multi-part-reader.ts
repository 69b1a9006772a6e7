import { ParseError } from '@rf/exceptions';
import { trimBlanks } from './header-parameters.ts';

/** One part of a multipart body. */
export interface Part {
  /** Values by lower-case name; each character is one byte. */
  readonly headers: ReadonlyMap<string, string>;
  readonly content: Buffer;
}

/** Bytes of all headers of one part. */
const MAX_HEADERS = 16_384;

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const END_OF_HEADERS = '\r\n\r\n';

/**
 * The parts of a body (RFC 2046, section 5.1.1) in their order; none for a body without its boundary. What stands before the first
 * boundary and behind the last one is no part, nor is what has no headers.
 *
 * Throws ParseError for a body that ends before its last boundary, and for headers of more than 16 KB.
 */
export function* readParts(body: Buffer, boundary: string): Generator<Part> {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  let at = findDelimiter(body, delimiter, 0);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (body[start] === DASH && body[start + 1] === DASH) return;
    at = findDelimiter(body, delimiter, start);
    if (at === -1 && isEndOfLine(body.subarray(start))) return;
    if (at === -1) throw malformed('Unexpected end of multipart data');
    const part = readPart(body.subarray(start, endOfLine(body, at, start)));
    if (part !== null) yield part;
  }
}

/** How a broken multipart body is refused. */
export const malformed = (reason: string): ParseError => new ParseError(`Multipart form parse error - ${reason}`);

/** The next delimiter that begins a line; -1 for none. */
function findDelimiter(body: Buffer, delimiter: Buffer, from: number): number {
  let at = body.indexOf(delimiter, from);
  while (at > 0 && body[at - 1] !== LF) at = body.indexOf(delimiter, at + delimiter.length);
  return at;
}

/** Careless clients forget the dashes behind the last boundary, and nothing is missing then. */
function isEndOfLine(rest: Buffer): boolean {
  return rest.length <= 2 && /^(-|\r?\n)?$/.test(rest.toString('latin1'));
}

/** Where the line before `at` ends: the line break belongs to the delimiter. */
function endOfLine(body: Buffer, at: number, start: number): number {
  const end = at - 1;
  return end > start && body[end - 1] === CR ? end - 1 : end;
}

function readPart(section: Buffer): Part | null {
  const end = section.indexOf(END_OF_HEADERS);
  if (end === -1) return null;
  if (end > MAX_HEADERS) throw malformed('the headers of a part are too long');
  const headers = new Map<string, string>();
  for (const line of section.toString('latin1', 0, end).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon !== -1) headers.set(line.slice(0, colon).toLowerCase(), trimBlanks(line.slice(colon + 1)));
  }
  return { headers, content: section.subarray(end + END_OF_HEADERS.length) };
}
