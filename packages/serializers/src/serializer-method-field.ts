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

  /**
   * Looks whether a serializer has the method. Called once, when the serializer class is compiled.
   *
   * @throws ImproperlyConfigured when it has none
   */
  checkMethod(serializer: object): void {
    this.#methodOf(serializer);
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<Shown> {
    return this.#methodOf(scope.serializer).call(scope.serializer, value) as Awaitable<Shown>;
  }

  #methodOf(serializer: object): (instance: unknown) => unknown {
    const { methodName } = this;
    const method = (serializer as Record<string, unknown>)[methodName];
    if (typeof method === 'function') return method as (instance: unknown) => unknown;
    throw new ImproperlyConfigured(
      `${this.owner}.${this.fieldName} (SerializerMethodField): ${this.owner} has no method \`${methodName}\`. ` +
        `Write \`${methodName}(instance) { return …; }\`, or name another one: \`methodName: '…'\`.`,
    );
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
