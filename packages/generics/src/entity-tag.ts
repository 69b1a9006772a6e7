import { PreconditionFailed } from '@rf/exceptions';
import { isSafeMethod, type Request } from '@rf/views';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnExpression, type Expression } from './lookups.ts';

/** One entity tag: opaque text in quotes, `W/` in front of weak ones (RFC 9110, section 8.8.3). */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** The tags of `If-Match` or `If-None-Match`; `*` for any; null where the header is absent or unreadable. */
function readTags(header: string | undefined): readonly string[] | '*' | null {
  if (header === undefined) return null;
  if (header.trim() === '*') return '*';
  const tags = header.match(TAG) ?? [];
  const isWhole = header.replace(TAG, '').replace(/[\s,]/g, '') === '';
  return isWhole ? tags : null;
}

const opaque = (tag: string): string => tag.replace(/^W\//, '');

/**
 * Compares the conditions of a request with the tag of what is there (RFC 9110, section 13.2.2). True where the client of a
 * GET has the same already, to be answered 304.
 *
 * Throws PreconditionFailed.
 */
export function checkConditions(request: Request, tag: string): boolean {
  const ifMatch = readTags(request.headers['if-match']);
  // An unreadable condition names nothing that could match.
  if (request.headers['if-match'] !== undefined && ifMatch !== '*' && !(ifMatch ?? []).includes(tag)) {
    throw new PreconditionFailed();
  }
  const ifNoneMatch = readTags(request.headers['if-none-match']);
  if (ifNoneMatch === null) return false;
  const isKnown = ifNoneMatch === '*' || ifNoneMatch.some((known) => opaque(known) === opaque(tag));
  if (isKnown && !isSafeMethod(request.method)) throw new PreconditionFailed();
  return isKnown;
}

/** SQL for text that changes whenever a column does, and has no character that a tag could not hold. Never null. */
export function versionSql(column: ColumnMetadata, alias: string): string {
  return `COALESCE(${textSql(columnExpression(column, alias))}, 'null')`;
}

function textSql({ sql, type }: Expression): string {
  switch (type) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return `CAST(${sql} AS text)`;
    case 'timestamptz':
    case 'timestamp':
      return `CAST(CAST(EXTRACT(epoch FROM ${sql}) * 1000000 AS bigint) AS text)`;
    default:
      return `md5(CAST(${sql} AS text))`;
  }
}
