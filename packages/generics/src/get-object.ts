import { Http404 } from '@rf/exceptions';
import { lookupValue } from '@rf/orm';
import type { ObjectLiteral } from 'typeorm';
import { noMember, resolvePath } from './model-path.ts';
import { bind, type Queryset, rootOf } from './queryset.ts';
import { pathExpression } from './row-condition.ts';

/**
 * The one entity of a query that has these values (GV04).
 *
 * ```ts
 * const book = await getObjectOr404(db(request).createQueryBuilder(Book, 'book'), { isbn: params.isbn });
 * ```
 *
 * @param where values by property or path, text as it stands in a URL
 * @throws Http404 "No Book matches the given query." when there is none, without a text when a value has the wrong type
 */
export async function getObjectOr404<Entity extends ObjectLiteral>(
  queryset: Queryset<Entity>,
  where: Readonly<Record<string, unknown>>,
): Promise<Entity> {
  const found = narrowTo(queryset, where) ? await queryset.getMany() : [];
  return onlyOne(found, rootOf(queryset).metadata.name);
}

/** Adds the condition that a row has these values; false when no row can. */
export function narrowTo(queryset: Queryset, where: Readonly<Record<string, unknown>>): boolean {
  const { metadata } = rootOf(queryset);
  for (const [name, given] of Object.entries(where)) {
    const path = resolvePath(metadata, name);
    if (path === null || path.rest.length > 0) {
      throw noMember(metadata, `column ${name}`, 'The lookup', "lookupField = '…';");
    }
    const value = lookupValue(metadata, name.replaceAll('__', '.'), given);
    if (value === null) return false;
    queryset.andWhere(`${pathExpression(queryset, path).sql} = ${bind(queryset, value)}`);
  }
  return true;
}

/** The only one of what was found. */
export function onlyOne<Entity>(found: readonly Entity[], model: string): Entity {
  const [object, second] = found;
  if (object === undefined) throw noMatch(model);
  if (second !== undefined)
    throw new Error(`More than one ${model} matches the lookup, which should name a single one.`);
  return object;
}

/** The answer where nothing is found. */
export function noMatch(model: string): Http404 {
  return new Http404(`No ${model} matches the given query.`);
}
