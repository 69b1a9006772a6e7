import { ParseError } from '@rf/exceptions';
import { findCharset, isNoCharset } from './charset.ts';
import { MediaType } from './media-type.ts';

/**
 * The charset of the body that `contentType` describes, when it is one that can be read; null for none, and for one that is unknown
 * (PA06).
 *
 * Throws ParseError for what is known and no charset.
 */
export function charsetOf(contentType: string): string | null {
  if (!/charset/i.test(contentType)) return null;
  const named = new MediaType(contentType).params.get('charset');
  if (named === undefined) return null;
  if (isNoCharset(named)) throw new ParseError(`Unsupported charset "${named}" in request Content-Type header.`);
  return findCharset(named);
}
