import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable } from './awaitable.ts';
import { Field, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import type { Scope } from './scope.ts';

/** Options of SerializerMethodField. */
export interface SerializerMethodFieldOptions extends FieldOptions<never> {
  /** The method. Default: `get` and the field's name, as in `getOnSale`. */
  readonly methodName?: string;
  /**
   * What the method reads of the object: attributes, and paths such as `publisher.city`. With it, a list of objects can
   * be read without loading whole objects. Default: the whole object.
   */
  readonly needs?: readonly string[];
}

/** A value that a method of the serializer computes from the object (row FI25): `getOnSale(book)` for `onSale`. */
export class SerializerMethodField<
  Shown = unknown,
  const Options extends SerializerMethodFieldOptions = {},
> extends Field<never, Shown, never, Options & { readonly readOnly: true }> {
  constructor(options?: Options) {
    super({ ...options, source: '*', readOnly: true } as never);
  }

  /** Name of the method. */
  get methodName(): string {
    return this.options.methodName ?? methodNameOf(this.fieldName);
  }

  /** What the method reads, or null for the whole object. */
  get needs(): readonly string[] | null {
    return this.options.needs ?? null;
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (this.options.methodName !== methodNameOf(name)) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (SerializerMethodField): it is redundant to specify \`methodName: '${methodNameOf(name)}'\`, ` +
        'because it is the same as the default method name. Remove the `methodName` option.',
    );
  }

  protected override get writtenOptions(): object {
    const { source: _source, readOnly: _readOnly, ...written } = this.options;
    return written;
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<Shown> {
    const { methodName } = this;
    const serializer = scope.serializer as Record<string, unknown>;
    const method = serializer[methodName];
    if (typeof method !== 'function') {
      throw new ImproperlyConfigured(
        `${this.owner} has no method \`${methodName}\` for its field \`${this.fieldName}\`. Write \`${methodName}(instance) { … }\`.`,
      );
    }
    return method.call(serializer, value) as Awaitable<Shown>;
  }

  override presenter(): Presenter {
    const { methodName } = this;
    return (value, scope) => {
      const method = (scope.serializer as Record<string, (instance: unknown) => unknown>)[methodName];
      return typeof method === 'function' ? method.call(scope.serializer, value) : this.toRepresentation(value, scope);
    };
  }
}

/** `getOnSale` for `onSale`, `getTwoWords` for `two_words`. */
function methodNameOf(field: string): string {
  return `get_${field}`.replace(/_+([a-zA-Z0-9])/g, (_all, letter: string) => letter.toUpperCase());
}
