import { type Detail, type DetailTree, ErrorDetail, mapDetail, ValidationError } from '@rf/exceptions';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { andThen, type Awaitable, isPromiseLike } from './awaitable.ts';
import { asSerializerError, settle } from './compiled-serializer.ts';
import { formList, isForm } from './html-form.ts';
import type { Input, Instance, ITEM, KIND, Representation, Saved, ValidatedData } from './inference.ts';
import { failure, Failure, skip } from './outcome.ts';
import { defineOwn } from './own-property.ts';
import { NestedField } from './nested-field.ts';
import {
  INITIAL,
  type Nestable,
  type NestableClass,
  PRESENT,
  RECIPE,
  type Recipe,
  RUN,
  WALK_IN,
  WALK_OUT,
} from './protocol.ts';
import { formatMessage, typeName } from './python-text.ts';
import { guarded, runObjectValidators } from './runner.ts';
import { SCOPE, Scope } from './scope.ts';
import { serializerText } from './serializer-text.ts';
import type { NestedFieldOptions, SerializerOptions } from './serializer-options.ts';
import type { SerializerContext } from './settings.ts';
import { standardSchema } from './standard-schema.ts';
import type { Validator } from './validator.ts';

/** Errors by field, with texts and codes. */
export type SerializerErrors = { [key: string]: Detail };

const noOptions: SerializerOptions = Object.freeze({});

/** What validation left behind. */
interface Result {
  readonly validated: unknown;
  readonly errors: SerializerErrors;
}

/**
 * The life of a serializer without fields (rows SE01, SE02, SE22): extend it and write `toRepresentation` for output,
 * `toInternalValue` for input, `create` and `update` for `save`.
 */
export abstract class BaseSerializer implements Nestable {
  /** The list serializer that `many: true` makes. Default {@link ListSerializer}. */
  static listSerializerClass: ListSerializerClass | null = null;

  /** A list of this serializer's objects: `new X({ many: true, … })` with exact types. */
  static many<S extends BaseSerializer>(
    this: new (
      options?: SerializerOptions,
    ) => S,
    options: SerializerOptions = noOptions,
  ): ListSerializer<S> {
    return manyOf(this as unknown as typeof BaseSerializer, options) as ListSerializer<S>;
  }

  /**
   * This serializer as a field of another one: `lines = LineSerializer.nested({ many: true })`.
   *
   * The same as `new LineSerializer({ many: true })` in a class field, with exact types and without making the nested
   * fields for every parent.
   */
  static nested<S extends BaseSerializer, const Options extends NestedFieldOptions = {}>(
    this: new (
      options?: SerializerOptions,
    ) => S,
    options?: Options,
  ): NestedField<S, Options> {
    return new NestedField<S, Options>(this as unknown as NestableClass, options ?? (noOptions as Options));
  }

  /** Never set: tells the kinds of serializers apart in types. */
  declare readonly [KIND]: 'base' | 'fields' | 'list';

  readonly [SCOPE]: Scope;
  readonly #options: SerializerOptions;
  #result: Result | null = null;
  #representation: { readonly value: Awaitable<unknown> } | null = null;

  constructor(options: SerializerOptions = noOptions) {
    this.#options = options;
    this[SCOPE] = new Scope(this, options, options.instance);
    // DRF's idiom: the class itself, asked for many, makes the list of them.
    if (options.many === true && !(this instanceof ListSerializer)) return manyOf(new.target, options);
  }

  get [RECIPE](): Recipe {
    return { type: this.constructor as Recipe['type'], options: this.#options as Recipe['options'] };
  }

  // What was given

  /** The object that is shown or updated, and after `save()` the one that was saved; null when there is none. */
  get instance(): Instance<this> | null {
    return this[SCOPE].instance as Instance<this> | null;
  }

  /** The input, as it was given. */
  get initialData(): unknown {
    return this.#options.data;
  }

  /** What was passed as `context` to the outermost serializer. */
  get context(): SerializerContext {
    return this[SCOPE].context;
  }

  /** True in a partial update. */
  get partial(): boolean {
    return this[SCOPE].partial;
  }

  // Validation

  /**
   * Validates the input. At once where nothing has to be awaited; `await` fits both.
   *
   * @param options `raise`: throw the errors instead of answering false
   * @throws ValidationError with `raise`, when the input is wrong
   */
  isValid(options: { readonly raise?: boolean } = {}): Awaitable<boolean> {
    if (this.#options.data === undefined) {
      throw new Error(
        'Cannot call `.isValid()` as no `data` option was passed when instantiating the serializer instance.',
      );
    }
    const verdict = (result: Result): boolean => {
      this.#result = result;
      const isValid = Object.keys(result.errors).length === 0;
      if (!isValid && options.raise === true) throw new ValidationError(result.errors);
      return isValid;
    };
    if (this.#result !== null) return verdict(this.#result);
    return andThen(this.#validateInitial(), verdict);
  }

  #validateInitial(): Awaitable<Result> {
    const { data, allowNull } = this.#options;
    if (data === null) {
      if (allowNull === true) return { validated: null, errors: {} };
      return { validated: this.emptyResult(), errors: this.errorsOf([new ErrorDetail('No data provided', 'null')]) };
    }
    return andThen(this[RUN](data), (outcome) =>
      outcome instanceof Failure
        ? { validated: this.emptyResult(), errors: this.errorsOf(outcome.detail) }
        : { validated: outcome, errors: {} },
    );
  }

  /** What validated data is when the input is wrong. */
  protected emptyResult(): unknown {
    return {};
  }

  private errorsOf(detail: Detail): SerializerErrors {
    return asSerializerError(detail, this[SCOPE].settings.nonFieldErrorsKey) as SerializerErrors;
  }

  /** The errors by field; empty when the input is right. Throws before `isValid()`. */
  get errors(): SerializerErrors {
    if (this.#result === null) throw new Error('You must call `.isValid()` before accessing `.errors`.');
    return this.#result.errors;
  }

  /** The codes of the errors, in their shape (row FI27). */
  get errorCodes(): { [key: string]: DetailTree<string> } {
    return mapDetail(this.errors, (error) => error.code) as { [key: string]: DetailTree<string> };
  }

  /** The converted and checked input. Throws before `isValid()`. */
  get validatedData(): ValidatedData<this> {
    if (this.#result === null) throw new Error('You must call `.isValid()` before accessing `.validatedData`.');
    return this.#result.validated as ValidatedData<this>;
  }

  /** {@link validatedData} of a partial update: what was not sent is absent. */
  get partialData(): Partial<ValidatedData<this>> {
    return this.validatedData as Partial<ValidatedData<this>>;
  }

  /**
   * Converts and checks input in one call.
   *
   * @throws ValidationError when it is wrong
   */
  runValidation(data: unknown): Awaitable<unknown> {
    if (data === undefined) throw failure('This field is required.', 'required').toError();
    if (data === null) {
      if (this.#options.allowNull === true) return null;
      throw failure('This field may not be null.', 'null').toError();
    }
    return settle(this[RUN](data));
  }

  [RUN](data: unknown): unknown {
    const outcome = guarded(() => this.toInternalValue(data));
    return andThen(outcome, (value) => {
      if (value instanceof Failure || value === skip) return value;
      return andThen(runObjectValidators(this.objectValidators, value, this[SCOPE]), (refused) => refused ?? value);
    });
  }

  [WALK_IN](data: unknown): unknown {
    return settle(this[RUN](data));
  }

  [WALK_OUT](instance: unknown): unknown {
    return this[PRESENT](instance);
  }

  /** Validators of the whole value. */
  protected get objectValidators(): readonly Validator<never>[] {
    return (this.#options.validators as readonly Validator<never>[] | undefined) ?? [];
  }

  /**
   * Converts input to validated data.
   *
   * @throws ValidationError for wrong input
   */
  toInternalValue(_data: unknown): Awaitable<unknown> {
    throw new Error(`${this.constructor.name}.toInternalValue() must be implemented.`);
  }

  /** This serializer as a Standard Schema: for libraries that take any validator. Context and options count, data does not. */
  get '~standard'(): StandardSchemaV1.Props<Input<this>, ValidatedData<this>> {
    return standardSchema((data) => this.runValidation(data), this[SCOPE].settings.nonFieldErrorsKey);
  }

  // Output

  /** Shows an object. */
  toRepresentation(_instance: unknown): Awaitable<unknown> {
    throw new Error(`${this.constructor.name}.toRepresentation() must be implemented.`);
  }

  [PRESENT](instance: unknown): unknown {
    return this.toRepresentation(instance);
  }

  /** What is shown without an object. */
  [INITIAL](): unknown {
    return null;
  }

  /** The representation: of the instance, else of the validated data, else of an empty form. See {@link represent}. */
  get data(): Promise<Representation<this>> {
    return Promise.resolve(this.represent());
  }

  /** The same as {@link data}, at once where nothing has to be awaited. */
  represent(): Awaitable<Representation<this>> {
    const { instance } = this[SCOPE];
    if (this.#options.data !== undefined && this.#result === null) {
      throw new Error(
        'When a serializer is passed a `data` option you must call `.isValid()` before attempting to access the ' +
          'serialized `.data` representation.\nYou should either call `.isValid()` first, or access `.initialData` instead.',
      );
    }
    if (this.#representation === null) {
      const hasErrors = this.#result !== null && Object.keys(this.#result.errors).length > 0;
      let value: unknown;
      if (instance !== null && !hasErrors) value = this[PRESENT](instance);
      else if (this.#result !== null && !hasErrors) value = this[PRESENT](this.#result.validated);
      else value = this[INITIAL]();
      this.#representation = { value };
    }
    return this.#representation.value as Awaitable<Representation<this>>;
  }

  // Saving

  /**
   * Stores validated input: calls `update` when there is an instance, else `create`.
   *
   * @param extra more attributes, such as `{ owner: request.user }`; they win over the input's
   */
  async save(extra: Readonly<Record<string, unknown>> = {}): Promise<Saved<this>> {
    this.assertSavable(extra);
    const validated = this.merged(extra);
    const { instance } = this[SCOPE];
    const isUpdate = instance !== null;
    const saved: unknown = await (isUpdate ? this.update(instance as never, validated) : this.create(validated));
    if (saved === undefined || saved === null) {
      throw new Error(`\`${isUpdate ? 'update' : 'create'}()\` did not return an object instance.`);
    }
    this[SCOPE].instance = saved;
    return saved as Saved<this>;
  }

  private assertSavable(extra: Readonly<Record<string, unknown>>): void {
    if (this.#result === null) throw new Error('You must call `.isValid()` before calling `.save()`.');
    if (Object.keys(this.#result.errors).length > 0) {
      throw new Error('You cannot call `.save()` on a serializer with invalid data.');
    }
    if (Object.hasOwn(extra, 'commit')) {
      throw new Error(
        "'commit' is not a valid argument of `save()`. If you need to access data before committing to the database " +
          'then inspect `serializer.validatedData` instead. You can also pass extra attributes to `save()` if you need ' +
          'to set them on the saved instance. For example: `serializer.save({ owner: request.user })`.',
      );
    }
    if (this.#representation !== null) {
      throw new Error(
        'You cannot call `.save()` after accessing `serializer.data`. If you need to access data before committing to ' +
          'the database then inspect `serializer.validatedData` instead.',
      );
    }
  }

  /** Validated data with the extra attributes of `save`. */
  protected merged(extra: Readonly<Record<string, unknown>>): never {
    return { ...(this.#result?.validated as object), ...extra } as never;
  }

  /** Makes a new object of validated data. */
  create(_validated: Readonly<Record<string, unknown>>): Awaitable<unknown> {
    throw new Error('`create()` must be implemented.');
  }

  /** Changes an object by validated data. */
  update(_instance: unknown, _validated: Readonly<Record<string, unknown>>): Awaitable<unknown> {
    throw new Error('`update()` must be implemented.');
  }

  /** All fields with their options, one a line, as they could be declared; derived ones included. */
  toString(): string {
    return serializerText(this[RECIPE]);
  }
}

/** A class of list serializers. */
export type ListSerializerClass = new (options: ListSerializerOptions) => ListSerializer;

/** Options of a list serializer. */
export interface ListSerializerOptions extends SerializerOptions {
  /** The serializer of one item. */
  readonly child: BaseSerializer;
}

/** A list of serializers' objects (rows SE10–SE12): what `many: true` makes. */
export class ListSerializer<Child extends BaseSerializer = BaseSerializer> extends BaseSerializer {
  declare readonly [KIND]: 'list';
  /** Never set: carries the type of an item. */
  declare readonly [ITEM]: Child;

  /** Error texts by code. */
  static defaultErrorMessages: Readonly<Record<string, string>> = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: 'This list may not be empty.',
    max_length: 'Ensure this field has no more than {max_length} elements.',
    min_length: 'Ensure this field has at least {min_length} elements.',
  };

  /** The serializer of one item. */
  readonly child: Child;
  readonly #limits: SerializerOptions;

  constructor(options: ListSerializerOptions) {
    super(options);
    this.#limits = options;
    this.child = options.child as Child;
    this.child[SCOPE].attach(this[SCOPE]);
  }

  override get [RECIPE](): Recipe {
    return {
      type: this.child.constructor as Recipe['type'],
      options: { ...this.#limits, child: undefined, many: true } as Recipe['options'],
    };
  }

  protected override emptyResult(): unknown {
    return [];
  }

  override [RUN](data: unknown): unknown {
    const outcome = guarded(() => this.toInternalValue(data));
    return andThen(outcome, (items) => {
      if (items instanceof Failure || items === skip) return items;
      if (this.validate === ListSerializer.prototype.validate) return items;
      const { nonFieldErrorsKey } = this[SCOPE].settings;
      return andThen(
        guarded(() => this.validate(items as unknown[])),
        (validated) =>
          validated instanceof Failure
            ? new Failure(asSerializerError(validated.detail, nonFieldErrorsKey))
            : validated,
      );
    });
  }

  override async [WALK_IN](data: unknown): Promise<unknown> {
    const items = this.#items(data);
    const result: unknown[] = [];
    const errors = new Map<number, Detail>();
    for (const [at, item] of items.entries()) {
      try {
        if (item !== null) result.push(await this.child[WALK_IN](item));
        else if (this.#limits.allowNull === true) result.push(null);
        else throw failure('This field may not be null.', 'null').toError();
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        errors.set(at, error.detail);
      }
    }
    if (errors.size > 0) throw new ValidationError(this.#errorsByIndex(errors, items.length));
    try {
      return await this.validate(result);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      throw new ValidationError(asSerializerError(error.detail, this[SCOPE].settings.nonFieldErrorsKey));
    }
  }

  override async [WALK_OUT](items: unknown): Promise<unknown[]> {
    const shown: unknown[] = [];
    for (const item of items as Iterable<unknown>) shown.push(await this.child[WALK_OUT](item));
    return shown;
  }

  /** Checks the list as a whole; returns it. */
  validate(items: unknown[]): Awaitable<unknown[]> {
    return items;
  }

  override toInternalValue(given: unknown): Awaitable<unknown[]> {
    return this.#convert(this.#items(given), 0, [], new Map());
  }

  /** The items of the input. @throws ValidationError for what is no list, or too long or short a one */
  #items(given: unknown): readonly unknown[] {
    const data = isForm(given) ? (formList(given, '') ?? []) : given;
    if (!Array.isArray(data)) this.fail('not_a_list', { input_type: typeName(data) });
    const { allowEmpty, maxLength, minLength } = this.#limits;
    if (allowEmpty === false && data.length === 0) this.fail('empty');
    if (maxLength !== undefined && data.length > maxLength) this.fail('max_length', { max_length: maxLength });
    if (minLength !== undefined && data.length < minLength) this.fail('min_length', { min_length: minLength });
    return data;
  }

  /** @throws ValidationError always, in the shape of an object's errors */
  protected fail(code: string, params: Readonly<Record<string, unknown>> = {}): never {
    const messages = {
      ...(this.constructor as typeof ListSerializer).defaultErrorMessages,
      ...this.#limits.errorMessages,
    } as Readonly<Record<string, string>>;
    const error = new ErrorDetail(formatMessage(messages[code] ?? code, params), code);
    throw new ValidationError({ [this[SCOPE].settings.nonFieldErrorsKey]: [error] });
  }

  #convert(
    data: readonly unknown[],
    start: number,
    result: unknown[],
    errors: Map<number, Detail>,
  ): Awaitable<unknown[]> {
    const take = (at: number, outcome: unknown): void => {
      if (outcome instanceof Failure) errors.set(at, outcome.detail);
      else if (outcome !== skip) result.push(outcome);
    };
    for (let at = start; at < data.length; at += 1) {
      const outcome = this.runChildValidation(data[at]);
      if (isPromiseLike(outcome)) {
        return outcome.then((settled) => {
          take(at, settled);
          return this.#convert(data, at + 1, result, errors);
        });
      }
      take(at, outcome);
    }
    if (errors.size > 0) throw new ValidationError(this.#errorsByIndex(errors, data.length));
    return result;
  }

  /** Validates one item: the validated value, a Failure, or a promise of one of them. Override it to look up instances. */
  protected runChildValidation(data: unknown): unknown {
    if (data === null) {
      return this.#limits.allowNull === true ? null : failure('This field may not be null.', 'null');
    }
    return this.child[RUN](data);
  }

  #errorsByIndex(errors: ReadonlyMap<number, Detail>, length: number): Detail {
    if (!this[SCOPE].settings.listSerializerErrorsAsDict) {
      return Array.from({ length }, (_none, at) => errors.get(at) ?? {});
    }
    const result: { [key: string]: Detail } = {};
    for (const [at, detail] of errors) defineOwn(result, String(at), detail);
    return result;
  }

  override toRepresentation(items: unknown): Awaitable<unknown[]> {
    const shown = Array.from(items as Iterable<unknown>, (item) => this.child[PRESENT](item));
    return shown.some(isPromiseLike) ? Promise.all(shown) : shown;
  }

  override [INITIAL](): unknown {
    return this.initialData === undefined ? [] : this.initialData;
  }

  protected override merged(extra: Readonly<Record<string, unknown>>): never {
    return (this.validatedData as unknown as object[]).map((attrs) => ({ ...attrs, ...extra })) as never;
  }

  /** Makes one object after the other. */
  override async create(validated: unknown): Promise<unknown[]> {
    const made: unknown[] = [];
    for (const attrs of validated as Record<string, unknown>[]) made.push(await this.child.create(attrs));
    return made;
  }

  override update(_instances: unknown, _validated: unknown): Awaitable<unknown> {
    throw new Error(
      'Serializers with `many: true` do not support multiple update by default, only multiple create. For updates it is ' +
        'unclear how to deal with insertions and deletions. If you need to support multiple update, set ' +
        '`static listSerializerClass` to a subclass of ListSerializer and override `update()`, so you can specify the behavior exactly.',
    );
  }
}

/** Options of the list that are not also options of the child. */
function manyOf(type: typeof BaseSerializer, options: SerializerOptions): ListSerializer {
  const {
    allowEmpty: _empty,
    maxLength: _max,
    minLength: _min,
    many: _many,
    data: _data,
    instance: _instance,
    ...rest
  } = options;
  const Child = type as unknown as new (options: SerializerOptions) => BaseSerializer;
  const List = type.listSerializerClass ?? ListSerializer;
  return new List({ ...options, child: new Child(rest) });
}
