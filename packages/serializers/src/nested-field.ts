import type { Awaitable } from './awaitable.ts';
import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, INPUT, SHOWN, VALUE } from './field-types.ts';
import { type FormInput, formList, formObject } from './html-form.ts';
import type { AnySerializer, NestedInput, NestedShown, NestedValue } from './inference.ts';
import { empty } from './outcome.ts';
import {
  INITIAL,
  isNestable,
  type Nestable,
  type NestableClass,
  type NestedOptions,
  PRESENT,
  RUN,
  WALK_IN,
  WALK_OUT,
} from './protocol.ts';
import type { Scope } from './scope.ts';

/**
 * A serializer as a field of another one, or a list of them (row SE13). Made by `SomeSerializer.nested(options)`, and of
 * a `new SomeSerializer(options)` that stands in a class field.
 */
export class NestedField<
  S extends AnySerializer = AnySerializer,
  const Options extends FieldOptions = FieldOptions,
> extends Field<unknown, unknown, unknown, Options> {
  declare readonly [VALUE]: NestedValue<S, Options>;
  declare readonly [SHOWN]: NestedShown<S, Options>;
  declare readonly [INPUT]: NestedInput<S, Options>;

  constructor(
    /** The serializer class of one object. */
    readonly serializerClass: NestableClass,
    options: Options,
  ) {
    super(options);
  }

  /** True for a list of objects. */
  get many(): boolean {
    return (this.options as NestedOptions).many === true;
  }

  /** The nested serializer runs its validators itself, on the object as a whole. */
  override get validators(): readonly [] {
    return [];
  }

  override rebuilt(): this {
    return new NestedField(this.serializerClass, this.options) as this;
  }

  /** The serializer that does the work for one parent. */
  nestedIn(scope: Scope): Nestable {
    return scope.child(this, () => {
      // A parent made with `new` has its own nested serializers in its class fields already.
      const declared = (scope.serializer as Record<string, unknown>)[this.fieldName];
      return isNestable(declared) ? declared : this.build();
    }).serializer as Nestable;
  }

  /** A new serializer of this field's class and options, with nothing around it. */
  build(): Nestable {
    const type = this.serializerClass as unknown as new (options: NestedOptions) => Nestable;
    return new type(this.options as NestedOptions);
  }

  protected override getFormValue(form: FormInput): unknown {
    return (this.many ? formList(form, this.fieldName) : formObject(form, this.fieldName)) ?? empty;
  }

  override parse(data: unknown, scope: Scope): Awaitable<unknown> {
    return this.nestedIn(scope)[WALK_IN](data);
  }

  override parser(): Parser {
    return (data, scope) => this.nestedIn(scope)[RUN](data);
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<unknown> {
    return this.nestedIn(scope)[WALK_OUT](value);
  }

  override presenter(): Presenter {
    return (value, scope) => this.nestedIn(scope)[PRESENT](value);
  }

  override getInitial(scope: Scope): unknown {
    return this.options.initial === undefined ? this.nestedIn(scope)[INITIAL]() : super.getInitial(scope);
  }
}
