import { andThen, type Awaitable } from './awaitable.ts';
import { BaseSerializer, type ListSerializer } from './base-serializer.ts';
import { boundFields, type CompilableClass, CompiledSerializer, settle } from './compiled-serializer.ts';
import type { Field } from './field.ts';
import type { DERIVED, FieldMap, Input, NestedTypes, Representation, Validated } from './inference.ts';
import { NestedField } from './nested-field.ts';
import { empty } from './outcome.ts';
import { INITIAL, RUN } from './protocol.ts';
import { SCOPE } from './scope.ts';
import type { SerializerOptions } from './serializer-options.ts';
import type { SerializerSettings } from './settings.ts';
import type { Validator } from './validator.ts';

/** A serializer class: whatever extends {@link Serializer}. */
export type SerializerClass<Instance extends Serializer = Serializer> = (new (
  options?: SerializerOptions,
) => Instance) &
  Omit<typeof Serializer, never>;

/**
 * Data in, data out, by declared fields.
 *
 * ```ts
 * class CommentSerializer extends Serializer {
 *   email = new EmailField();
 *   content = new CharField({ maxLength: 200 });
 *   created = new DateTimeField({ readOnly: true });
 *
 *   override create(validated: Validated<CommentSerializer>) {
 *     return new Comment(validated);
 *   }
 * }
 *
 * const serializer = new CommentSerializer({ data: request.data, context: { request } });
 * await serializer.isValid({ raise: true });
 * const comment = await serializer.save({ owner: request.user });
 * ```
 *
 * The class fields are read once, from the first instance; a class is compiled once for each project's settings.
 */
export class Serializer extends BaseSerializer {
  /** Never set: carries the types of fields that no class field declares. */
  declare readonly [DERIVED]: FieldMap;

  /** Validators of the whole object, run after all fields and before `validate`. */
  static validators: readonly Validator<never>[] = [];

  /** What happens to keys that no field reads. Default: the project's setting, which ignores them (row SE06). */
  static unknownFields: 'ignore' | 'reject' | undefined = undefined;

  /**
   * Decides on the fields of the class and their order. Called once, when the class is compiled.
   *
   * @param declared what class fields declare, in order
   */
  static collectFields(declared: ReadonlyMap<string, Field>): ReadonlyMap<string, Field> {
    return declared;
  }

  override [RUN](data: unknown): unknown {
    const convert =
      this.toInternalValue === Serializer.prototype.toInternalValue
        ? null
        : (given: unknown) => this.toInternalValue(given);
    return compiled(this).run(data, this[SCOPE], convert, this.objectValidators);
  }

  protected override get objectValidators(): readonly Validator<never>[] {
    const own = super.objectValidators;
    return own.length > 0 ? own : (this.constructor as typeof Serializer).validators;
  }

  /** Checks the object as a whole; returns the data, changed or not. Throw a ValidationError to refuse. */
  validate(attrs: Readonly<Record<string, unknown>>): Awaitable<unknown> {
    return attrs;
  }

  override toInternalValue(data: unknown): Awaitable<unknown> {
    return settle(compiled(this).convert(data, this[SCOPE]));
  }

  override toRepresentation(instance: unknown): Awaitable<unknown> {
    return compiled(this).represent(instance, this[SCOPE]);
  }

  override [INITIAL](): unknown {
    return compiled(this).initial(this[SCOPE], this.initialData === undefined ? empty : this.initialData);
  }
}

const cache = new WeakMap<object, Map<SerializerSettings, CompiledSerializer>>();

function compiled(serializer: Serializer): CompiledSerializer {
  return compile(serializer.constructor as unknown as CompilableClass, serializer[SCOPE].settings);
}

/** The compiled form of a class under some settings. */
function compile(type: CompilableClass, settings: SerializerSettings): CompiledSerializer {
  let bySettings = cache.get(type);
  if (bySettings === undefined) {
    bySettings = new Map();
    cache.set(type, bySettings);
  }
  let made = bySettings.get(settings);
  if (made === undefined) {
    const prototype = type.prototype as Serializer;
    made = new CompiledSerializer(type, settings, prototype.validate !== Serializer.prototype.validate);
    bySettings.set(settings, made);
  }
  return made;
}
