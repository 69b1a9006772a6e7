import { SignatureError } from './signature-error.ts';

/** Name, value, name, value … as received or as they will be sent; repeated names are repeated fields. */
export type FieldLines = readonly string[];

/** A request, as much of it as a signature can cover. */
export interface RequestMessage {
  readonly method: string;
  /** As the client sees it: behind a proxy that ends TLS, `https`. */
  readonly scheme: 'http' | 'https';
  /** Host and, if any, port, as the client named them. */
  readonly authority: string;
  /** The request target as sent. A URL object spells paths in its own way, and then a signature is good for several of them. */
  readonly target: string;
  readonly fields: FieldLines;
  readonly trailers?: FieldLines;
}

/** A response, and the request that it answers where the signature covers parts of that. */
export interface ResponseMessage {
  readonly status: number;
  readonly fields: FieldLines;
  readonly trailers?: FieldLines;
  readonly request?: RequestMessage;
}

export type Message = RequestMessage | ResponseMessage;

export function isResponse(message: Message): message is ResponseMessage {
  return 'status' in message;
}

/** The values of each field by its lower-case name, line by line, without the white space around them and obsolete folds. */
export type FieldIndex = ReadonlyMap<string, readonly string[]>;

/** Takes the lines of a message apart, once for all its fields (RFC 9421, section 2.1). */
export function fieldIndex(lines: FieldLines): FieldIndex {
  const index = new Map<string, string[]>();
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const name = (lines[at] as string).toLowerCase();
    const values = index.get(name);
    const value = trimValue(lines[at + 1] as string);
    if (values === undefined) index.set(name, [value]);
    else values.push(value);
  }
  return index;
}

function trimValue(value: string): string {
  const unfolded = /[\r\n]/.test(value) ? value.split(/\r?\n/).map(trimSpace).join(' ') : value;
  return trimSpace(unfolded);
}

/** Not trim(): in Latin-1 a no-break space is an octet like any other. Not a pattern: this takes one pass. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && (text[start] === ' ' || text[start] === '\t')) start += 1;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  return text.slice(start, end);
}

/** The whole value of one field, its lines joined; null when it is absent. */
export function fieldValue(lines: FieldLines, name: string): string | null {
  return fieldIndex(lines).get(name)?.join(', ') ?? null;
}

/** Lower case, without the port that the scheme has by itself (RFC 9421, section 2.2.3). */
export function normalizedAuthority({ authority, scheme }: RequestMessage): string {
  const text = trimSpace(authority).toLowerCase();
  const found = /^(\[[0-9a-f:.]+\]|[^:[\]@/?#\s]+)(?::(\d*))?$/.exec(text);
  if (found === null) throw new SignatureError('the host cannot be read');
  const [, host = '', port = ''] = found;
  return port === '' || port === (scheme === 'https' ? '443' : '80') ? host : `${host}:${port}`;
}
