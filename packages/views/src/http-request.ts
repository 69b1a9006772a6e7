import type { Readable } from 'node:stream';

/** What a server adapter hands over: the request as it came, nothing parsed. */
export interface HttpRequest {
  /** As sent, upper case by custom (RFC 9110, section 9.1: methods are case-sensitive). */
  readonly method: string;
  /** The request target as sent: undecoded path and query. */
  readonly target: string;
  /** Lower-case names. Values are Latin-1 text; repeated fields are joined. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Name, value, name, value … as received; shows repeated fields. */
  readonly rawHeaders: readonly string[];
  /** Address of the peer of the connection. */
  readonly remoteAddress: string;
  /** Scheme of the connection itself. */
  readonly scheme: 'http' | 'https';
  /** An id for log lines. */
  readonly id: string;
  /** The unread body. */
  readonly stream: Readable;
  /** The server framework's own request object. */
  readonly raw: unknown;
}
