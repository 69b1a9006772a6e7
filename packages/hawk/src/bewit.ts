import { AuthenticationFailed } from '@rf/exceptions';
import type { Request } from '@rf/views';
import { isHawkValue, MALFORMED } from './hawk-header.ts';

/** A ticket in the query that authorises one URL until it ends. */
export interface Bewit {
  readonly id: string;
  /** Seconds since 1970. */
  readonly expires: string;
  readonly mac: string;
  readonly ext: string;
}

const IN_QUERY = /(^|&)bewit=([^&]*)(&|$)/;

/** The bewit of a request; null without one. Throws AuthenticationFailed when it cannot be read. */
export function readBewit(request: Request): Bewit | null {
  const found = IN_QUERY.exec(split(request.target).query);
  if (found === null) return null;
  const text = found[2] as string;
  const bytes = Buffer.from(text, 'base64url');
  // One ticket has one spelling: Node reads over junk, and over bits beyond the last octet.
  if (bytes.toString('base64url') !== text) throw new AuthenticationFailed(MALFORMED);
  const parts = bytes.toString('utf8').split('\\');
  const [id = '', expires = '', mac = '', ext = ''] = parts;
  const isReadable = isHawkValue(id) && isHawkValue(mac) && (ext === '' || isHawkValue(ext));
  if (parts.length !== 4 || !isReadable || !/^\d{1,12}$/.test(expires)) throw new AuthenticationFailed(MALFORMED);
  return { id, expires, mac, ext };
}

/** The target without its bewit: what was signed. */
export function withoutBewit(target: string): string {
  const { path, query } = split(target);
  if (/^bewit=[^&]*$/.test(query)) return path;
  const others = query.replace(IN_QUERY, (_all, before: string, _text: string, after: string) =>
    before === '' || after === '' ? '' : '&',
  );
  return `${path}?${others}`;
}

/** A ticket counts as a parameter of the query only: in a path, or within a value, it is part of another URL than the one it is for. */
function split(target: string): { readonly path: string; readonly query: string } {
  const at = target.indexOf('?');
  return at === -1 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** Makes the bewit of a ticket; put it into the query as `bewit=…`. */
export function writeBewit({ id, expires, mac, ext }: Bewit): string {
  return Buffer.from(`${id}\\${expires}\\${mac}\\${ext}`).toString('base64url');
}
