import { type Detail, type DetailTree, ErrorDetail, mapDetail, ValidationError } from '@rf/exceptions';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { andThen, type Awaitable, isPromiseLike } from './awaitable.ts';
import { asSerializerError, settle } from './compiled-serializer.ts';
import { formList, isForm } from './html-form.ts';
import type { AnySerializer, Input, Instance, ITEM, KIND, Representation, Saved, ValidatedData } from './inference.ts';
import { failure, Failure, skip } from './outcome.ts';
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
import { type Result, SCOPE, Scope } from './scope.ts';
import { serializerText } from './serializer-text.ts';
import type { NestedFieldOptions, SerializerOptions } from './serializer-options.ts';
import type { SerializerContext } from './settings.ts';
import { standardSchema } from './standard-schema.ts';
import type { Validator } from './validator.ts';

/** Errors by field, with texts and codes. */
export type SerializerErrors = { [key: string]: Detail };

const noOptions: SerializerOptions = Object.freeze({});

/** Symbols keep what the two classes share among themselves off the names that fields can have. */
const EMPTY_RESULT = Symbol('emptyResult');
const MERGED = Symbol('merged');

/**
 * The life of a serializer without fields (rows SE01, SE02, SE22): extend it and write `toRepresentation` for output,
 * `toInternalValue` for input, `create` and `update` for `save`.
 */
export abstract class BaseSerializer implements Nestable {
  /** The list serializer that `many: true` makes. Default {@link ListSerializer}. */
  static listSerializerClass: ListSerializerClass | null = null;

  /** A list of this serializer's objects: `new X({ many: true, … })` with exact types. */
  static many<S extends AnySerializer>(
    this: new (
      options?: SerializerOptions,
    ) => S,
    options: SerializerOptions = noOptions,
  ): ListSerializer<S> {
    return manyOf(this as unknown as typeof BaseSerializer, options) as unknown as ListSerializer<S>;
  }

  /**
   * This serializer as a field of another one: `lines = LineSerializer.nested({ many: true })`.
   *
   * The same as `new LineSerializer({ many: true })` in a class field, with exact types and without making the nested
   * fields for every parent.
   */
  static nested<S extends AnySerializer, const Options extends NestedFieldOptions = {}>(
    this: new (
      options?: SerializerOptions,
    ) => S,
    options?: Options,
  ): NestedField<S, Options> {
    return new NestedField<S, Options>(this as unknown as NestableClass, options ?? (noOptions as Options));
  }

  /** Never set: tells the kinds of serializers apart in types. */
  declare readonly [KIND]: 'base' | 'fields' | 'list';

  // All state is in the scope and nothing is declared here: a serializer is made for every request, and its class fields
  // are to be the only other properties it has.
  declare readonly [SCOPE]: Scope;

  constructor(options: SerializerOptions = noOptions) {
    this[SCOPE] = new Scope(this, options);
    // DRF's idiom: the class itself, asked for many, makes the list of them.
    if (options.many === true && !(this instanceof ListSerializer)) return manyOf(new.target, options);
  }

  get [RECIPE](): Recipe {
    return { type: this.constructor as Recipe['type'], options: this[SCOPE].options as Recipe['options'] };
  }

  // What was given

  /** The object that is shown or updated, and after `save()` the one that was saved; null when there is none. */
  get instance(): Instance<this> | null {
    return this[SCOPE].instance as Instance<this> | null;
  }

  /** The input, as it was given. */
  get initialData(): unknown {
    return this[SCOPE].options.data;
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
    const scope = this[SCOPE];
    if (scope.options.data === undefined) {
      throw new Error(
        'Cannot call `.isValid()` as no `data` option was passed when instantiating the serializer instance.',
      );
    }
    const raise = options.raise === true;
    const result = scope.result ?? validateInitial(this);
    return isPromiseLike(result)
      ? (result as PromiseLike<Result>).then((settled) => verdict(scope, settled, raise))
      : verdict(scope, result, raise);
  }

  /** The errors by field; empty when the input is right. Throws before `isValid()`. */
  get errors(): SerializerErrors {
    return resultOf(this[SCOPE], '.errors').errors;
  }

  /** The codes of the errors, in their shape (row FI27). */
  get errorCodes(): { [key: string]: DetailTree<string> } {
    return mapDetail(this.errors, (error) => error.code) as { [key: string]: DetailTree<string> };
  }

  /** The converted and checked input. Throws before `isValid()`. */
  get validatedData(): ValidatedData<this> {
    return resultOf(this[SCOPE], '.validatedData').validated as ValidatedData<this>;
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
      if (this[SCOPE].options.allowNull === true) return null;
      throw failure('This field may not be null.', 'null').toError();
    }
    return settle(this[RUN](data));
  }

  [RUN](data: unknown): unknown {
    const scope = this[SCOPE];
    return andThen(
      guarded(() => this.toInternalValue(data)),
      (value) => {
        if (value instanceof Failure || value === skip) return value;
        return andThen(runObjectValidators(validatorsOf(scope), value, scope), (refused) => refused ?? value);
      },
    );
  }

  [WALK_IN](data: unknown): unknown {
    return settle(this[RUN](data));
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

  [EMPTY_RESULT](): unknown {
    return {};
  }

  // Output

  /** Shows an object. */
  toRepresentation(_instance: unknown): Awaitable<unknown> {
    throw new Error(`${this.constructor.name}.toRepresentation() must be implemented.`);
  }

  [PRESENT](instance: unknown): unknown {
    return this.toRepresentation(instance);
  }

  [WALK_OUT](instance: unknown): unknown {
    return this[PRESENT](instance);
  }

  [INITIAL](): unknown {
    return null;
  }

  /** The representation: of the instance, else of the validated data, else of an empty form. See {@link represent}. */
  get data(): Promise<Representation<this>> {
    return Promise.resolve(this.represent());
  }

  /** The same as {@link data}, at once where nothing has to be awaited. */
  represent(): Awaitable<Representation<this>> {
    const scope = this[SCOPE];
    const { instance, result } = scope;
    if (scope.options.data !== undefined && result === null) {
      throw new Error(
        'When a serializer is passed a `data` option you must call `.isValid()` before attempting to access the ' +
          'serialized `.data` representation.\nYou should either call `.isValid()` first, or access `.initialData` instead.',
      );
    }
    if (scope.shown === null) {
      let value: unknown;
      if (result !== null && hasErrors(result)) value = this[INITIAL]();
      else if (instance !== null) value = this[PRESENT](instance);
      else value = result === null ? this[INITIAL]() : this[PRESENT](result.validated);
      scope.shown = { value };
    }
    return scope.shown.value as Awaitable<Representation<this>>;
  }

  // Saving

  /**
   * Stores validated input: calls `update` when there is an instance, else `create`.
   *
   * @param extra more attributes, such as `{ owner: request.user }`; they win over the input's
   */
  async save(extra: Readonly<Record<string, unknown>> = {}): Promise<Saved<this>> {
    const scope = this[SCOPE];
    const validated = this[MERGED](savable(scope, extra), extra);
    const isUpdate = scope.instance !== null;
    const saved: unknown = await (isUpdate ? this.update(scope.instance as never, validated) : this.create(validated));
    if (saved === undefined || saved === null) {
      throw new Error(`\`${isUpdate ? 'update' : 'create'}()\` did not return an object instance.`);
    }
    scope.instance = saved;
    return saved as Saved<this>;
  }

  [MERGED](validated: unknown, extra: Readonly<Record<string, unknown>>): never {
    return { ...(validated as object), ...extra } as never;
  }

  /** Makes a new object of validated data. */
  create(_validated: object): Awaitable<unknown> {
    throw new Error('`create()` must be implemented.');
  }

  /** Changes an object by validated data. */
  update(_instance: unknown, _validated: object): Awaitable<unknown> {
    throw new Error('`update()` must be implemented.');
  }

  /** All fields with their options, one a line, as they could be declared; derived ones included. */
  toString(): string {
    return serializerText(this[RECIPE]);
  }
}

function hasErrors(result: Result): boolean {
  for (const _key in result.errors) return true;
  return false;
}

/** @throws Error before `isValid()` */
function resultOf(scope: Scope, member: string): Result {
  if (scope.result === null) throw new Error(`You must call \`.isValid()\` before accessing \`${member}\`.`);
  return scope.result;
}

function verdict(scope: Scope, result: Result, raise: boolean): boolean {
  scope.result = result;
  if (!hasErrors(result)) return true;
  if (raise) throw new ValidationError(result.errors);
  return false;
}

function validateInitial(serializer: BaseSerializer): Awaitable<Result> {
  const { data, allowNull } = serializer[SCOPE].options;
  if (data === null && allowNull !== true) {
    return refusal(serializer, [new ErrorDetail('No data provided', 'null')]);
  }
  const outcome = data === null ? null : serializer[RUN](data);
  return isPromiseLike(outcome)
    ? outcome.then((settled) => resultFrom(serializer, settled))
    : resultFrom(serializer, outcome);
}

function resultFrom(serializer: BaseSerializer, outcome: unknown): Result {
  return outcome instanceof Failure ? refusal(serializer, outcome.detail) : { validated: outcome, errors: {} };
}

function refusal(serializer: BaseSerializer, detail: Detail): Result {
  const errors = asSerializerError(detail, serializer[SCOPE].settings.nonFieldErrorsKey) as SerializerErrors;
  return { validated: serializer[EMPTY_RESULT](), errors };
}

/** The validators that the options of a serializer give. */
export function validatorsOf(scope: Scope): readonly Validator<never>[] {
  return (scope.options.validators as readonly Validator<never>[] | undefined) ?? [];
}

/**
 * The data that `save` may store.
 *
 * @throws Error where `save` was called at the wrong time
 */
function savable(scope: Scope, extra: Readonly<Record<string, unknown>>): unknown {
  const { result, shown } = scope;
  if (result === null) throw new Error('You must call `.isValid()` before calling `.save()`.');
  if (hasErrors(result)) throw new Error('You cannot call `.save()` on a serializer with invalid data.');
  if (Object.hasOwn(extra, 'commit')) {
    throw new Error(
      "'commit' is not a valid argument of `save()`. If you need to access data before committing to the database " +
        'then inspect `serializer.validatedData` instead. You can also pass extra attributes to `save()` if you need ' +
        'to set them on the saved instance. For example: `serializer.save({ owner: request.user })`.',
    );
  }
  if (shown !== null) {
    throw new Error(
      'You cannot call `.save()` after accessing `serializer.data`. If you need to access data before committing to ' +
        'the database then inspect `serializer.validatedData` instead.',
    );
  }
  return result.validated;
}

/** A class of list serializers. */
export type ListSerializerClass = new (options: ListSerializerOptions) => ListSerializer;

/** Options of a list serializer. */
export interface ListSerializerOptions extends SerializerOptions {
  /** The serializer of one item. */
  readonly child: BaseSerializer;
}

/** A list of serializers' objects (rows SE10–SE12): what `many: true` makes. */
export class ListSerializer<Child extends AnySerializer = BaseSerializer> extends BaseSerializer {
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
  declare readonly child: Child & BaseSerializer;

  constructor(options: ListSerializerOptions) {
    super(options);
    this.child = options.child as Child & BaseSerializer;
    this.child[SCOPE].attach(this[SCOPE]);
  }

  override get [RECIPE](): Recipe {
    const options = { ...this[SCOPE].options, child: undefined, many: true };
    return { type: this.child.constructor as Recipe['type'], options: options as Recipe['options'] };
  }

  override [EMPTY_RESULT](): unknown {
    return [];
  }

  override [RUN](data: unknown): unknown {
    return andThen(
      guarded(() => this.toInternalValue(data)),
      (items) => {
        if (items instanceof Failure || items === skip) return items;
        if (this.validate === ListSerializer.prototype.validate) return items;
        return andThen(
          guarded(() => this.validate(items as unknown[])),
          (validated) =>
            validated instanceof Failure
              ? new Failure(asSerializerError(validated.detail, this[SCOPE].settings.nonFieldErrorsKey))
              : validated,
        );
      },
    );
  }

  override async [WALK_IN](data: unknown): Promise<unknown> {
    const items = itemsOf(this, data);
    const result: unknown[] = [];
    const errors = new Map<number, Detail>();
    for (const [at, item] of items.entries()) {
      try {
        if (item !== null) result.push(await this.child[WALK_IN](item));
        else if (this[SCOPE].options.allowNull === true) result.push(null);
        else throw failure('This field may not be null.', 'null').toError();
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        errors.set(at, error.detail);
      }
    }
    if (errors.size > 0) throw errorByIndex(this[SCOPE], errors, items.length);
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

  override toInternalValue(data: unknown): Awaitable<unknown[]> {
    return convertItems(this, itemsOf(this, data), 0, [], new Map());
  }

  /** Validates one item: the validated value, a Failure, or a promise of one of them. Override it to look up instances. */
  runChildValidation(data: unknown): unknown {
    if (data === null) {
      return this[SCOPE].options.allowNull === true ? null : failure('This field may not be null.', 'null');
    }
    return this.child[RUN](data);
  }

  override toRepresentation(items: unknown): Awaitable<unknown[]> {
    const shown = [...(items as Iterable<unknown>)].map((item) => this.child[PRESENT](item));
    return shown.some(isPromiseLike) ? Promise.all(shown) : shown;
  }

  override [INITIAL](): unknown {
    return this.initialData === undefined ? [] : this.initialData;
  }

  override [MERGED](validated: unknown, extra: Readonly<Record<string, unknown>>): never {
    return (validated as object[]).map((attrs) => ({ ...attrs, ...extra })) as never;
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

/** The items of the input. @throws ValidationError for what is no list, or too long or short a one */
function itemsOf(list: ListSerializer<AnySerializer>, given: unknown): readonly unknown[] {
  const { allowEmpty, maxLength, minLength } = list[SCOPE].options;
  const data = isForm(given) ? (formList(given, '') ?? []) : given;
  if (!Array.isArray(data)) throw listError(list, 'not_a_list', { input_type: typeName(data) });
  if (allowEmpty === false && data.length === 0) throw listError(list, 'empty');
  if (maxLength !== undefined && data.length > maxLength) {
    throw listError(list, 'max_length', { max_length: maxLength });
  }
  if (minLength !== undefined && data.length < minLength) {
    throw listError(list, 'min_length', { min_length: minLength });
  }
  return data;
}

/** An error of the whole list, in the shape of an object's. */
function listError(
  list: ListSerializer<AnySerializer>,
  code: string,
  params: Readonly<Record<string, unknown>> = {},
): ValidationError {
  const { options, settings } = list[SCOPE];
  const { defaultErrorMessages } = list.constructor as typeof ListSerializer;
  const template = options.errorMessages?.[code] ?? defaultErrorMessages[code] ?? code;
  return new ValidationError({
    [settings.nonFieldErrorsKey]: [new ErrorDetail(formatMessage(template, params), code)],
  });
}

function convertItems(
  list: ListSerializer<AnySerializer>,
  items: readonly unknown[],
  start: number,
  result: unknown[],
  errors: Map<number, Detail>,
): Awaitable<unknown[]> {
  const take = (at: number, outcome: unknown): void => {
    if (outcome instanceof Failure) errors.set(at, outcome.detail);
    else if (outcome !== skip) result.push(outcome);
  };
  for (let at = start; at < items.length; at += 1) {
    const outcome = list.runChildValidation(items[at]);
    if (isPromiseLike(outcome)) {
      return outcome.then((settled) => {
        take(at, settled);
        return convertItems(list, items, at + 1, result, errors);
      });
    }
    take(at, outcome);
  }
  if (errors.size > 0) throw errorByIndex(list[SCOPE], errors, items.length);
  return result;
}

/** The errors of the bad items, keyed by index; with the old setting, a list that has `{}` for the good ones. */
function errorByIndex(scope: Scope, errors: ReadonlyMap<number, Detail>, length: number): ValidationError {
  if (!scope.settings.listSerializerErrorsAsDict) {
    return new ValidationError(Array.from({ length }, (_none, at) => errors.get(at) ?? {}));
  }
  return new ValidationError(Object.fromEntries(errors));
}

/** Options of the list that are not also options of the child. */
/** Options that are the list's alone. */
const LIST_OPTIONS: ReadonlySet<string> = new Set(['allowEmpty', 'maxLength', 'minLength', 'many', 'data', 'instance']);

function manyOf(type: typeof BaseSerializer, options: SerializerOptions): ListSerializer {
  // A serializer is made for every request, with the lists in it: taking members out by destructuring is much slower.
  const rest: Record<string, unknown> = {};
  for (const name in options) if (!LIST_OPTIONS.has(name)) rest[name] = options[name as keyof SerializerOptions];
  const Child = type as unknown as new (options: SerializerOptions) => BaseSerializer;
  const List = type.listSerializerClass ?? ListSerializer;
  return new List({ ...options, child: new Child(rest) });
}
