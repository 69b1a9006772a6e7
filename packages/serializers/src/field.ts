import { ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { andThen, type Awaitable, isPromiseLike } from './awaitable.ts';
import { missingAttribute, readAttribute } from './attribute.ts';
import { resolveDefault } from './default.ts';
import type { FieldOptions, INPUT, OPTIONS, OptionsOf, SHOWN, VALUE } from './field-types.ts';
import { type FormInput, hasName, isForm, lastValue } from './html-form.ts';
import { empty, Failure, failure, SkipField } from './outcome.ts';
import { isInheritedName } from './own-property.ts';
import { formatMessage } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';
import { argumentsText } from './source-text.ts';
import { runValidator, type Validator } from './validator.ts';

/** A check that comes with the field itself: the error of a value, or null. */
export type Check<Value> = (value: Value) => ErrorDetail | null;

/** Converts a value that came in. */
export type Parser = (value: unknown, scope: Scope) => unknown;

/** Converts a value that goes out. */
export type Presenter = (value: unknown, scope: Scope) => unknown;

/** An answer of {@link Field.intercept}: go on. */
export const pass: unique symbol = Symbol('pass');

/** What a field knows once it has a place in a serializer. */
interface Binding {
  readonly name: string;
  readonly owner: string;
  readonly source: string;
  readonly sourceAttrs: readonly string[];
}

const noOptions = Object.freeze({});
const unbound: Binding = Object.freeze({ name: '', owner: '', source: '', sourceAttrs: [] });

/**
 * One value of a serializer: how it is read, checked and shown (rows FI01–FI03, FI26, FI27).
 *
 * Fields keep nothing of a request; what belongs to the moment comes in as `scope`. A field of your own:
 *
 * ```ts
 * class ColorField extends Field<Color, string, string> {
 *   static override defaultErrorMessages = { invalid: 'Write rgb(r, g, b), not {input}.' };
 *
 *   override toInternalValue(data: unknown) {
 *     const match = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(String(data));
 *     if (match === null) this.fail('invalid', { input: data });
 *     return new Color(Number(match[1]), Number(match[2]), Number(match[3]));
 *   }
 *
 *   override toRepresentation(color: Color) {
 *     return `rgb(${color.red}, ${color.green}, ${color.blue})`;
 *   }
 * }
 * ```
 *
 * Type parameters: what validated data holds, what is shown, what may come in, the options; and for fields that hundreds
 * of serializers share, the options of which the names are enough, and these names.
 */
export abstract class Field<
  Value = unknown,
  Shown = Value,
  Input = unknown,
  const Options extends FieldOptions = {},
  Named = never,
  Names extends PropertyKey = never,
> {
  // Never set: they carry the types.
  declare readonly [VALUE]: Value;
  declare readonly [SHOWN]: Shown;
  declare readonly [INPUT]: Input;
  declare readonly [OPTIONS]: OptionsOf<Options, Names>;

  /** Error texts by code, with `{name}` places; a subclass adds its own, an instance changes them by `errorMessages`. */
  static defaultErrorMessages: Readonly<Record<string, string>> = {
    required: 'This field is required.',
    null: 'This field may not be null.',
  };

  /** Validators of every field of the class that gives no `validators` itself. */
  static defaultValidators: readonly Validator<never>[] = [];

  /** What an empty form shows when the field gives no `initial`. */
  static initial: unknown = null;

  /** What the field was made with. */
  declare readonly options: Options & FieldOptions;
  // Neither is set by the constructor: it runs for every field of every serializer made, most of which are never asked.
  declare private binding: Binding;
  declare private messages: Readonly<Record<string, string>> | undefined;

  constructor(options?: Named);
  constructor(options?: Options);
  constructor(options?: Options) {
    this.options = options ?? (noOptions as Options);
  }

  // What the options say

  get readOnly(): boolean {
    return this.options.readOnly === true;
  }

  get writeOnly(): boolean {
    return this.options.writeOnly === true;
  }

  /** Whether input has to have the field: true unless it has a default or is read-only. */
  get required(): boolean {
    return this.options.required ?? (this.options.default === undefined && !this.readOnly);
  }

  get allowNull(): boolean {
    return this.options.allowNull === true;
  }

  /** True when there is a default. */
  get hasDefault(): boolean {
    return this.options.default !== undefined;
  }

  get helpText(): string | null {
    return this.options.helpText ?? null;
  }

  /** Hints for the browsable form. */
  get style(): Readonly<Record<string, unknown>> {
    return this.options.style ?? noOptions;
  }

  /** The human name: the option, or made of the field's name. */
  get label(): string {
    return this.options.label ?? labelOf(this.binding.name);
  }

  // What the place says

  /** Name in the serializer; empty for the child of a list. */
  get fieldName(): string {
    return this.binding.name;
  }

  /** Name of the serializer class. */
  get owner(): string {
    return this.binding.owner;
  }

  /** Where the value is kept: an attribute, a dotted path, or `*` for the whole object. */
  get source(): string {
    return this.binding.source;
  }

  /** The steps of {@link source}; none for `*`. */
  get sourceAttrs(): readonly string[] {
    return this.binding.sourceAttrs;
  }

  /** True once {@link bind} was called. */
  get isBound(): boolean {
    return this.binding !== unbound;
  }

  /**
   * Gives the field its place. Called once, when the serializer class is compiled.
   *
   * @throws ImproperlyConfigured when the options contradict each other
   */
  bind(name: string, owner: string): void {
    this.checkOptions(name, owner);
    const source = this.options.source ?? name;
    this.binding = { name, owner, source, sourceAttrs: source === '*' ? [] : source.split('.') };
  }

  /** An unbound field of the same class and options. */
  rebuilt(): this {
    const type = this.constructor as new (options: Options) => this;
    return new type(this.options);
  }

  /** Refuses options that make no sense together. Override to check those of your own. */
  protected checkOptions(name: string, owner: string): void {
    const { readOnly, writeOnly, required, source } = this.options;
    const where = name === '' ? owner : `${owner}.${name}`;
    const refuse = (problem: string, remedy: string): never => {
      throw new ImproperlyConfigured(`${where} (${this.constructor.name}): ${problem}. ${remedy}`);
    };
    if (readOnly === true && writeOnly === true)
      refuse('may not set both `readOnly` and `writeOnly`', 'Remove one of them.');
    if (readOnly === true && required === true)
      refuse('may not set both `readOnly` and `required`', 'Remove `required: true`.');
    if (required === true && this.hasDefault)
      refuse('may not set both `required` and `default`', 'Remove one of them.');
    if (name !== '' && source === name)
      refuse(
        `it is redundant to specify \`source: '${source}'\`, because it is the same as the field name`,
        'Remove the `source` option.',
      );
    if (source?.split('.').includes('__proto__') === true || name === '__proto__')
      refuse('`__proto__` cannot be read or written', 'Choose another name.');
  }

  // Texts

  /** Error texts by code: the classes', then the option's. */
  get errorMessages(): Readonly<Record<string, string>> {
    this.messages ??= Object.assign({}, ...messagesOf(this.constructor), this.options.errorMessages);
    return this.messages as Readonly<Record<string, string>>;
  }

  /**
   * Refuses the value with the text of `code`.
   *
   * @throws ValidationError always
   */
  fail(code: string, params: Readonly<Record<string, unknown>> = {}): never {
    throw this.failure(code, params).toError();
  }

  /** The same as a {@link Failure}, for {@link parse}. */
  failure(code: string, params: Readonly<Record<string, unknown>> = {}): Failure {
    return failure(this.message(code, params), code);
  }

  /** The text of `code` with its places filled. */
  protected message(code: string, params: Readonly<Record<string, unknown>> = {}): string {
    const template = this.errorMessages[code];
    if (template === undefined) {
      throw new Error(
        `${this.constructor.name} fails with \`${code}\`, which has no text: add it to \`static defaultErrorMessages\`.`,
      );
    }
    return formatMessage(template, params);
  }

  // The way in

  /** The value of this field in the input, or `empty`. */
  getValue(input: Readonly<Record<string, unknown>> | FormInput, scope: Scope): unknown {
    if (isForm(input)) return this.getFormValue(input, scope);
    const name = this.fieldName;
    if (isInheritedName(name) && !Object.hasOwn(input, name)) return empty;
    const value = input[name];
    return value === undefined ? empty : value;
  }

  /** The same for a form, which can hold neither null nor an unchecked box. */
  protected getFormValue(form: FormInput, scope: Scope): unknown {
    if (!hasName(form, this.fieldName)) {
      return scope.partial || this.hasDefault ? empty : this.emptyFormValue;
    }
    const value = lastValue(form, this.fieldName);
    if (value !== '' || this.allowBlank) return value;
    if (this.allowNull) return null;
    return this.required ? value : empty;
  }

  /** What a form without the field means. */
  protected get emptyFormValue(): unknown {
    return empty;
  }

  /** Whether the empty text is a value of its own. */
  get allowBlank(): boolean {
    return false;
  }

  /**
   * Looks at input before the common rules for missing and null values do: the outcome, or {@link pass}.
   */
  intercept(_data: unknown): unknown {
    return pass;
  }

  /**
   * Converts a value that is neither missing nor null, without throwing for wrong ones. Fields of your own may
   * rather override {@link toInternalValue}.
   */
  parse(_data: unknown, _scope: Scope): Awaitable<Value | Failure> {
    throw new Error(
      `${this.constructor.name}.toInternalValue() must be implemented for field ${this.fieldName}. ` +
        'If you do not need to support write operations you probably want to extend `ReadOnlyField` instead.',
    );
  }

  /**
   * Converts a value that is neither missing nor null.
   *
   * @throws ValidationError for a wrong one; use {@link fail}
   */
  toInternalValue(data: unknown, scope: Scope): Awaitable<Value> {
    return andThen(this.parse(data, scope), (outcome) => {
      if (outcome instanceof Failure) throw outcome.toError();
      return outcome;
    });
  }

  /** The user's validators, run before the field's own checks. */
  get validators(): readonly Validator<never>[] {
    return (
      (this.options.validators as readonly Validator<never>[] | undefined) ??
      (this.constructor as typeof Field).defaultValidators
    );
  }

  /** The checks that come with the options, such as `maxLength`; computed when the class is compiled. */
  checks(): readonly Check<never>[] {
    return [];
  }

  /**
   * The value of a field that input does not have.
   *
   * @throws SkipField when there is none, and in a partial update
   */
  getDefault(scope: Scope): Awaitable<unknown> {
    if (!this.hasDefault || scope.partial) throw new SkipField();
    return resolveDefault(this.options.default, scope, this);
  }

  /**
   * Everything between input and validated value: missing and null values, conversion, validators.
   *
   * @throws ValidationError for a wrong value, SkipField for one to leave out
   */
  runValidation(data: unknown, scope: Scope): Awaitable<unknown> {
    const early = this.intercept(data);
    if (early !== pass) return settled(early);
    const decided = this.validateEmptyValues(data, scope);
    if (decided !== pass) return decided;
    return andThen(this.toInternalValue(data, scope), (value) =>
      andThen(this.runValidators(value, scope), () => value),
    );
  }

  /** The rules for read-only, missing and null values: the outcome, or {@link pass}. */
  protected validateEmptyValues(data: unknown, scope: Scope): unknown {
    if (this.readOnly) return this.getDefault(scope);
    if (data === empty) {
      if (scope.partial) throw new SkipField();
      if (this.required) this.fail('required');
      return this.getDefault(scope);
    }
    if (data !== null) return pass;
    if (!this.allowNull) this.fail('null');
    // A field of the whole object is given it, whatever stands under its name.
    return this.source === '*' ? pass : null;
  }

  /**
   * Runs the validators one after the other and collects what they refuse.
   *
   * @throws ValidationError with all texts, or the first error that is an object
   */
  runValidators(value: Value, scope: Scope): Awaitable<void> {
    const errors: ErrorDetail[] = [];
    const finish = (): void => {
      for (const check of this.checks()) {
        const error = check(value as never);
        if (error !== null) errors.push(error);
      }
      if (errors.length > 0) throw new ValidationError(errors);
    };
    const from = (start: number): Awaitable<void> => {
      for (let at = start; at < this.validators.length; at += 1) {
        try {
          const running = runValidator(this.validators[at] as Validator<never>, value, scope, this);
          if (isPromiseLike(running)) {
            return running.then(
              () => from(at + 1),
              (error: unknown) => {
                collect(error, errors);
                return from(at + 1);
              },
            );
          }
        } catch (error) {
          collect(error, errors);
        }
      }
      return finish();
    };
    return from(0);
  }

  // The way out

  /**
   * The value of an object for this field.
   *
   * @throws SkipField when the object has none and the field is not required
   */
  getAttribute(instance: unknown, scope: Scope): unknown {
    const value = readAttribute(instance, this.sourceAttrs);
    return value === undefined ? this.missingValue(instance, scope) : value;
  }

  /** What is shown where the object has no value. */
  missingValue(instance: unknown, scope: Scope): unknown {
    if (this.hasDefault) return this.getDefault(scope);
    if (this.allowNull) return null;
    if (!this.required) throw new SkipField();
    throw missingAttribute(this, instance);
  }

  /** Converts a value that is not null for the answer. */
  toRepresentation(_value: Value, _scope: Scope): Awaitable<Shown> {
    throw new Error(`${this.constructor.name}.toRepresentation() must be implemented for field ${this.fieldName}.`);
  }

  /** What an empty form shows. */
  getInitial(_scope: Scope): unknown {
    const { initial } = this.options;
    if (initial === undefined) return (this.constructor as typeof Field).initial;
    return typeof initial === 'function' ? (initial as () => unknown)() : initial;
  }

  // Compiling

  /** A function that does what {@link parse} does under fixed settings; override it to do the work once. */
  parser(_settings: SerializerSettings): Parser {
    return (value, scope) => this.parse(value, scope);
  }

  /** A function that does what {@link toRepresentation} does under fixed settings; override it to do the work once. */
  presenter(_settings: SerializerSettings): Presenter {
    return (value, scope) => this.toRepresentation(value as Value, scope);
  }

  /** The options as they were written; override it where the class adds some. */
  protected get writtenOptions(): object {
    return this.options;
  }

  /** The field as it could be declared. */
  toString(): string {
    return `new ${this.constructor.name}${argumentsText(this.writtenOptions)}`;
  }
}

Object.defineProperty(Field.prototype, 'binding', { value: unbound, writable: true });

/** `two_words` reads `Two words`; `twoWords` reads `Twowords`, as in the reference. */
function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

function messagesOf(type: object): object[] {
  const chain: object[] = [];
  for (let at = type; at !== Function.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    if (Object.hasOwn(at, 'defaultErrorMessages')) chain.unshift((at as typeof Field).defaultErrorMessages);
  }
  return chain;
}

function settled(outcome: unknown): unknown {
  if (outcome instanceof Failure) throw outcome.toError();
  return outcome;
}

/** Adds the texts of a validator's error; an error by key is thrown on at once. */
export function collect(error: unknown, errors: ErrorDetail[]): void {
  if (!(error instanceof ValidationError)) throw error;
  const { detail } = error;
  if (detail instanceof ErrorDetail) errors.push(detail);
  else if (Array.isArray(detail)) errors.push(...(detail as ErrorDetail[]));
  else throw error;
}
