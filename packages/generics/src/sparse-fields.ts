import {
  boundFields,
  type CompilableClass,
  type Declared,
  NestedField,
  RelatedField,
  Serializer,
} from '@rf/serializers';
import { type OpenApiObject, queryParameter } from './base-pagination.ts';
import type { SerializerType } from './generic-api-view.ts';
import type { ViewMixin } from './mixins.ts';

/** What {@link SparseFieldsMixin} gives. */
export interface SparseFields {
  /** The parameter with the only fields to show; null for none. Default `fields`. */
  fieldsQueryParam: string | null;
  /** The parameter with fields to leave out; null for none. Default `omit`. */
  omitQueryParam: string | null;
  /** The parameter with relations to show whole; null for none. Default `expand`. */
  expandQueryParam: string | null;
  /** Serializers of the relations that may be shown whole, by field. Default: none may. */
  expandable: Readonly<Record<string, SerializerType<Serializer>>>;
  /** The query parameters that are read, as OpenAPI has them. */
  getSparseFieldParameters(): OpenApiObject[];
}

/**
 * Lets clients choose what is shown (W32): `?fields=id,title`, `?omit=pages`, `?expand=publisher`. What is not shown is not read
 * either. Names that there are not are passed over.
 *
 * ```ts
 * class BookViewSet extends mix(ModelViewSet, SparseFieldsMixin)<Book> {
 *   override queryset = Book;
 *   override serializerClass = BookSerializer;
 *   override expandable = { publisher: PublisherSerializer };
 * }
 * ```
 */
export const SparseFieldsMixin: ViewMixin<SparseFields> = (View) =>
  class extends View implements SparseFields {
    fieldsQueryParam: string | null = 'fields';
    omitQueryParam: string | null = 'omit';
    expandQueryParam: string | null = 'expand';
    expandable: Readonly<Record<string, SerializerType<Serializer>>> = {};

    override getShownSerializerClass(): SerializerType {
      const type = super.getShownSerializerClass();
      if (!(type.prototype instanceof Serializer)) return type;
      const expanded = this.#names(this.expandQueryParam)?.filter((name) => Object.hasOwn(this.expandable, name)) ?? [];
      const shown = this.#names(this.fieldsQueryParam);
      const omitted = this.#names(this.omitQueryParam);
      const whole = expandedSerializer(
        type as SerializerType<Serializer>,
        [...new Set(expanded)].sort(),
        this.expandable,
      );
      if (shown === null && omitted === null) return whole;
      const names = [...boundFields(whole as unknown as CompilableClass).keys()].filter(
        (name) => (shown === null || shown.includes(name)) && omitted?.includes(name) !== true,
      );
      return (whole as unknown as typeof Serializer).only(names);
    }

    #names(parameter: string | null): readonly string[] | null {
      if (parameter === null || !this.request.queryParams.has(parameter)) return null;
      return this.request.queryParams.getList(parameter).flatMap((text) => text.split(',').map((name) => name.trim()));
    }

    getSparseFieldParameters(): OpenApiObject[] {
      const schema = { type: 'string' };
      const parameters: OpenApiObject[] = [];
      const add = (name: string | null, description: string): void => {
        if (name !== null) parameters.push(queryParameter(name, description, schema));
      };
      add(this.fieldsQueryParam, 'The only fields to show, separated by commas.');
      add(this.omitQueryParam, 'Fields to leave out, separated by commas.');
      const names = Object.keys(this.expandable);
      if (names.length > 0) add(this.expandQueryParam, `Relations to show whole: ${names.join(', ')}.`);
      return parameters;
    }
  };

const expansions = new WeakMap<SerializerType, Map<string, SerializerType>>();

/** The same serializer with some relations shown whole; the same names give the same class. */
function expandedSerializer(
  type: SerializerType<Serializer>,
  names: readonly string[],
  expandable: Readonly<Record<string, SerializerType<Serializer>>>,
): SerializerType {
  if (names.length === 0) return type;
  let known = expansions.get(type);
  if (known === undefined) expansions.set(type, (known = new Map()));
  const key = names.join(',');
  let made = known.get(key);
  if (made === undefined) {
    const Base = type as unknown as typeof Serializer;
    made = class extends Base {
      static override collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
        const fields = new Map(Base.collectFields.call(this, declared));
        for (const name of names) {
          const field = fields.get(name);
          if (field === undefined) continue;
          const many = (field instanceof RelatedField || field instanceof NestedField) && field.many;
          const { source } = 'options' in field ? (field.options as { source?: string }) : {};
          const options = { readOnly: true, many, ...(source === undefined ? {} : { source }) };
          fields.set(name, new NestedField(expandable[name] as never, options));
        }
        return fields;
      }
    } as unknown as SerializerType;
    Object.defineProperty(made, 'name', { value: type.name });
    known.set(key, made);
  }
  return made;
}
