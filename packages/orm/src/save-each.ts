import { ErrorDetail, ValidationError } from '@rf/exceptions';
import {
  type BaseSerializer,
  type Representation,
  type SerializerContext,
  type SerializerErrors,
  type SerializerOptions,
  settingsOf,
  typeName,
} from '@rf/serializers';
import { atomic } from './atomic.ts';
import { databaseOf } from './related-source.ts';

/** What became of one item. */
export type ItemResult<Shown> =
  | { readonly status: 200 | 201; readonly data: Shown }
  | { readonly status: 400; readonly errors: SerializerErrors };

/** Options of {@link saveEach}. */
export interface SaveEachOptions {
  readonly context: SerializerContext;
  /** More attributes for every item, as those of `save`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The entity that an item changes; null for one that makes a new one, which is the default. */
  readonly instanceOf?: (item: unknown, at: number) => object | null | Promise<object | null>;
  /** Whether items that change an entity may leave fields out. Default false. */
  readonly partial?: boolean;
}

/**
 * Saves each item on its own, whatever becomes of the others: the good ones are stored, the bad ones reported. For lists
 * that are stored as a whole or not at all, use the serializer with `many: true`.
 *
 * ```ts
 * const results = await saveEach(TagSerializer, request.data, { context: { request } });
 * return new Response(results, { status: 207 });
 * ```
 *
 * @throws ValidationError when `items` is no list
 */
export async function saveEach<S extends BaseSerializer>(
  type: new (options?: SerializerOptions) => S,
  items: readonly unknown[],
  { context, extra = {}, instanceOf, partial = false }: SaveEachOptions,
): Promise<ItemResult<Representation<S>>[]> {
  if (!Array.isArray(items)) {
    const message = `Expected a list of items but got type "${typeName(items)}".`;
    throw new ValidationError({ [settingsOf(context).nonFieldErrorsKey]: [new ErrorDetail(message, 'not_a_list')] });
  }
  const database = databaseOf(context, type.name);
  const results: ItemResult<Representation<S>>[] = [];
  for (const [at, data] of items.entries()) {
    const instance = (await instanceOf?.(data, at)) ?? null;
    const serializer = new type({ data, instance, partial: partial && instance !== null, context });
    try {
      // A savepoint, where a transaction is open: what the database refuses must not take the others along.
      await atomic(database, async () => {
        await serializer.isValid({ raise: true });
        await serializer.save(extra);
      });
      results.push({ status: instance === null ? 201 : 200, data: await serializer.data });
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      results.push({ status: 400, errors: error.detail as SerializerErrors });
    }
  }
  return results;
}
