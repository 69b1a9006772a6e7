/**
 * One error text with its machine-readable code.
 *
 * Serialises to the text alone, so an error body holds plain strings (DRF feature row EX04).
 */
export class ErrorDetail {
  constructor(
    readonly message: string,
    readonly code: string = 'invalid',
  ) {}

  /** True for the same text; a plain string compares with the text, as in DRF. */
  equals(other: ErrorDetail | string): boolean {
    return typeof other === 'string'
      ? this.message === other
      : this.message === other.message && this.code === other.code;
  }

  toString(): string {
    return this.message;
  }

  toJSON(): string {
    return this.message;
  }
}

/** A normalised error body: texts, lists and objects of them, to any depth. */
export type Detail = ErrorDetail | Detail[] | { [key: string]: Detail };

/** What may be given as the detail of an exception; see {@link toDetail}. */
export type DetailInput =
  | string
  | number
  | boolean
  | null
  | ErrorDetail
  | readonly DetailInput[]
  | { readonly [key: string]: DetailInput };

/** The shape of {@link Detail} with another leaf. */
export type DetailTree<Leaf> = Leaf | DetailTree<Leaf>[] | { [key: string]: DetailTree<Leaf> };

/** Wraps every text in `input` as an {@link ErrorDetail}; one that already is keeps its own code. */
export function toDetail(input: DetailInput, code: string): Detail {
  if (input instanceof ErrorDetail) return input;
  if (Array.isArray(input)) return input.map((item: DetailInput) => toDetail(item, code));
  if (input !== null && typeof input === 'object')
    return mapValues(input as { [key: string]: DetailInput }, (item) => toDetail(item, code));
  return new ErrorDetail(String(input), code);
}

/** Replaces every leaf of `detail` by what `leaf` makes of it. */
export function mapDetail<Leaf>(detail: Detail, leaf: (error: ErrorDetail) => Leaf): DetailTree<Leaf> {
  if (detail instanceof ErrorDetail) return leaf(detail);
  if (Array.isArray(detail)) return detail.map((item) => mapDetail(item, leaf));
  return mapValues(detail, (item) => mapDetail(item, leaf));
}

function mapValues<In, Out>(
  object: { readonly [key: string]: In },
  change: (value: In) => Out,
): { [key: string]: Out } {
  // A null prototype would differ from plain JSON data; defineProperty keeps a `__proto__` key an ordinary one.
  const result: { [key: string]: Out } = {};
  for (const [key, value] of Object.entries(object)) {
    Object.defineProperty(result, key, { value: change(value), enumerable: true, writable: true, configurable: true });
  }
  return result;
}
