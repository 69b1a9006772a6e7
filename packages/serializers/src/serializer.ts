import { ImproperlyConfigured } from '@rf/exceptions';
import type { Awaitable } from './awaitable.ts';
import { BaseSerializer, validatorsOf } from './base-serializer.ts';
import type { Declared } from './child-field.ts';
import { boundFields, type CompilableClass, CompiledSerializer, settle } from './compiled-serializer.ts';
import type { DERIVED, FieldMap, FieldTypesOf, KIND, OMITTED } from './inference.ts';
import { walkIn, walkOut } from './interpreter.ts';
import { empty } from './outcome.ts';
import { INITIAL, RUN, WALK_IN, WALK_OUT } from './protocol.ts';
import { SCOPE } from './scope.ts';
import type { SerializerOptions } from './serializer-options.ts';
import type { SerializerSettings } from './settings.ts';
import type { Validator } from './validator.ts';

/** A serializer class: whatever extends {@link Serializer}. */
export type SerializerClass<S extends Serializer = Serializer> = (new (options?: SerializerOptions) => S) & Statics;

type Statics = { [Name in keyof typeof Serializer]: (typeof Serializer)[Name] };

/** The class `Class` whose instances are also `Part`. */
type Extended<Class extends SerializerClass, Part> = {
  [Name in Exclude<keyof Class, 'prototype'>]: Class[Name];
} & (new (
  options?: SerializerOptions,
) => InstanceType<Class> & Part);

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
  declare readonly [KIND]: 'fields';
  /** Never set: carries the types of fields that no class field declares. */
  declare readonly [DERIVED]: unknown;
  /** Never set: carries the names that `omit` took away. */
  declare readonly [OMITTED]: unknown;

  /** Validators of the whole object, run after all fields and before `validate`. */
  static validators: readonly Validator<never>[] = [];

  /** What happens to keys that no field reads. Default: the project's setting, which ignores them (row SE06). */
  static unknownFields: 'ignore' | 'reject' | undefined = undefined;

  /**
   * Decides on the fields of the class and their order. Called once, when the class is compiled.
   *
   * @param declared what class fields declare, in order
   */
  static collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
    return declared;
  }

  /**
   * A base class with more fields: for names that a class field cannot have, such as `data`, and for fields that are
   * computed. They come before those of class fields.
   *
   * ```ts
   * class EventSerializer extends Serializer.with({ data: new JSONField() }) {
   *   kind = new CharField();
   * }
   * ```
   */
  static with<Class extends SerializerClass, Fields extends FieldMap>(
    this: Class,
    fields: Fields,
  ): Extended<Class, { readonly [DERIVED]: Fields }> {
    const Base = this as unknown as typeof Serializer;
    const given = Object.entries(fields as unknown as Readonly<Record<string, Declared>>);
    const WithFields = class extends Base {
      static override collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
        const own = given.filter(([name]) => !declared.has(name));
        return Base.collectFields.call(this, new Map([...own, ...declared]));
      }
    };
    return renamed(WithFields, Base.name) as never;
  }

  /**
   * A base class without some fields (row SE23): `class ShortBook extends BookSerializer.omit('isbn', 'pages') {}`.
   *
   * @throws ImproperlyConfigured, when the class is compiled, for a name that is no field
   */
  static omit<Class extends SerializerClass, const Names extends readonly (keyof FieldTypesOf<InstanceType<Class>>)[]>(
    this: Class,
    ...names: Names
  ): Extended<Class, { readonly [OMITTED]: { readonly [Name in Names[number]]: true } }> {
    const Base = this as unknown as typeof Serializer;
    const WithoutFields = class extends Base {
      static override collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
        const fields = new Map(Base.collectFields.call(this, declared));
        for (const name of names as unknown as readonly string[]) {
          if (!fields.delete(name)) {
            throw new ImproperlyConfigured(
              `${this.name}: \`${Base.name}.omit('${name}')\` names no field. Its fields are ${[...declared.keys()].join(', ')}.`,
            );
          }
        }
        return fields;
      }
    };
    return renamed(WithoutFields, Base.name) as never;
  }

  /**
   * The same serializer with some of its fields only, for names that come with a request (row SE24):
   * `BookSerializer.only(request.queryParams.getList('fields'))`. Unknown names are left out. The same names give the
   * same class.
   */
  static only<Class extends SerializerClass>(this: Class, names: Iterable<string>): Class {
    const Base = this as unknown as typeof Serializer;
    const wanted = new Set(names);
    const kept = [...boundFields(Base as unknown as CompilableClass).keys()].filter((name) => wanted.has(name));
    return selection(Base, kept) as unknown as Class;
  }

  override [RUN](data: unknown): unknown {
    const convert =
      this.toInternalValue === Serializer.prototype.toInternalValue
        ? null
        : (given: unknown) => this.toInternalValue(given);
    return compiled(this).run(data, this[SCOPE], convert, objectValidators(this));
  }

  override [WALK_IN](data: unknown): unknown {
    const own =
      this.toInternalValue === Serializer.prototype.toInternalValue
        ? null
        : (given: unknown) => this.toInternalValue(given);
    return walkIn(this, data, own, objectValidators(this));
  }

  override [WALK_OUT](instance: unknown): unknown {
    return this.toRepresentation === Serializer.prototype.toRepresentation
      ? walkOut(this, instance)
      : this.toRepresentation(instance);
  }

  /** Checks the object as a whole; returns the data, changed or not. Throw a ValidationError to refuse. */
  validate(attrs: object): Awaitable<unknown> {
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

function objectValidators(serializer: Serializer): readonly Validator<never>[] {
  const own = validatorsOf(serializer[SCOPE]);
  return own.length > 0 ? own : (serializer.constructor as typeof Serializer).validators;
}

/** How many selections of one class are kept: the names may come from clients. */
const MAX_SELECTIONS = 200;

const selections = new WeakMap<object, Map<string, typeof Serializer>>();

function selection(Base: typeof Serializer, names: readonly string[]): typeof Serializer {
  const key = JSON.stringify(names);
  let known = selections.get(Base);
  if (known === undefined) {
    known = new Map();
    selections.set(Base, known);
  }
  let made = known.get(key);
  if (made === undefined) {
    made = renamed(
      class extends Base {
        static override collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
          const fields = Base.collectFields.call(this, declared);
          return new Map(names.map((name) => [name, fields.get(name) as Declared]));
        }
      },
      Base.name,
    );
    const [oldest] = known.keys();
    if (known.size >= MAX_SELECTIONS && oldest !== undefined) known.delete(oldest);
    known.set(key, made);
  }
  return made;
}

/** Messages name the class that was written, not the one that was made of it. */
function renamed(type: typeof Serializer, name: string): typeof Serializer {
  Object.defineProperty(type, 'name', { value: name, configurable: true });
  return type;
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
