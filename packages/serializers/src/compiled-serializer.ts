import { type Detail, ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { andThen, type Awaitable, isPromiseLike } from './awaitable.ts';
import { readStep } from './attribute.ts';
import { type Declared, isDeclared, unbound } from './child-field.ts';
import { Field, type Presenter } from './field.ts';
import { type FormInput, isForm } from './html-form.ts';
import { empty, Failure, skip, SkipField } from './outcome.ts';
import { defineOwn, isInheritedName } from './own-property.ts';
import { typeName } from './python-text.ts';
import { guarded, presenterOf, type Runner, runnerOf, runObjectValidators } from './runner.ts';
import type { Scope } from './scope.ts';
import { SerializerMethodField } from './serializer-method-field.ts';
import type { SerializerSettings } from './settings.ts';
import type { Validator } from './validator.ts';

/** What a class has to say about its fields. */
export interface CompilableClass {
  readonly name: string;
  readonly prototype: object;
  new (): object;
  /** Fields in order; see `Serializer.collectFields`. */
  collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared>;
  readonly validators: readonly Validator<never>[];
  readonly unknownFields: 'ignore' | 'reject' | undefined;
}

/** How one field takes part in reading. */
interface InputStep {
  readonly name: string;
  readonly field: Field;
  readonly run: Runner;
  /** Method `validateName` of the serializer. */
  readonly hook: string | null;
  /** The key in the result, or null for a path or the whole object. */
  readonly target: string | null;
  readonly path: readonly string[];
  /** True when the name is also a property of every object. */
  readonly isInherited: boolean;
  readonly readsItself: boolean;
}

/** How one field takes part in showing. */
interface OutputStep {
  readonly name: string;
  readonly field: Field;
  /** The attribute, or null where more than one step is needed. */
  readonly attribute: string | null;
  readonly isWhole: boolean;
  readonly readsItself: boolean;
  readonly present: Presenter;
}

const bindings = new WeakMap<CompilableClass, ReadonlyMap<string, Field>>();

/**
 * The fields of a serializer class by name, in order, each knowing its place.
 *
 * @throws ImproperlyConfigured when options contradict each other, or the class lacks the method of a field
 */
export function boundFields(type: CompilableClass): ReadonlyMap<string, Field> {
  let fields = bindings.get(type);
  if (fields === undefined) {
    fields = bindAll(type);
    bindings.set(type, fields);
  }
  return fields;
}

function bindAll(type: CompilableClass): ReadonlyMap<string, Field> {
  const result = new Map<string, Field>();
  const serializer = new type();
  for (const [name, declared] of type.collectFields(declaredFields(type, serializer))) {
    const field = unbound(declared);
    field.bind(name, type.name);
    if (field instanceof SerializerMethodField) field.checkMethod(serializer);
    if (!field.readOnly) refuseUncalledHook(type, serializer, name);
    result.set(name, field);
  }
  return result;
}

/**
 * A function whose name is that of a field's hook in all but capitals and underscores would never be called. Other methods
 * that begin alike may help `validate`, or be inherited for a field that a subclass took away.
 */
function refuseUncalledHook(type: CompilableClass, serializer: object, field: string): void {
  if (hookName(type, 'validate', field) !== null) return;
  const [, hook] = hookNames('validate', field);
  for (let at = serializer; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value !== 'function' || folded(name) !== folded(hook)) continue;
      throw new ImproperlyConfigured(
        `${type.name}.${name} is never called: the field \`${field}\` is checked by the method \`${hook}\`. ` +
          `Write \`${hook}(value) { …; return value; }\`${name === hook ? ' as a method, not as a class field' : ''}.`,
      );
    }
  }
}

function folded(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** What the class fields of the class and its bases declare. */
function declaredFields(type: CompilableClass, serializer: object): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  for (const [name, value] of Object.entries(serializer)) {
    if (!isDeclared(value)) continue;
    if (name in type.prototype) {
      throw new ImproperlyConfigured(
        `${type.name}.${name}: \`${name}\` is a member of every serializer, so it cannot be declared as a class field. ` +
          `Write \`class ${type.name} extends Serializer.with({ ${name}: … }) {}\`.`,
      );
    }
    declared.set(name, value);
  }
  return declared;
}

/** The methods of a serializer that its compiled form calls. */
interface Hooks {
  validate(attrs: unknown): unknown;
  [hook: string]: unknown;
}

/** A serializer class made into two lists of steps, once for each settings object. */
export class CompiledSerializer {
  readonly fields: ReadonlyMap<string, Field>;
  readonly #inputs: readonly InputStep[];
  readonly #outputs: readonly OutputStep[];
  readonly #readOnlyDefaults: readonly Field[];
  readonly #rejectsUnknown: boolean;

  constructor(
    private readonly type: CompilableClass,
    private readonly settings: SerializerSettings,
    private readonly validates: boolean,
  ) {
    this.fields = boundFields(type);
    const fields = [...this.fields.values()];
    this.#inputs = fields.filter((field) => !field.readOnly).map((field) => this.#inputStep(field));
    this.#outputs = fields.filter((field) => !field.writeOnly).map((field) => this.#outputStep(field));
    this.#readOnlyDefaults = fields.filter(
      (field) => field.readOnly && field.hasDefault && field.source !== '*' && !field.source.includes('.'),
    );
    this.#rejectsUnknown = (type.unknownFields ?? settings.unknownFields) === 'reject';
  }

  #inputStep(field: Field): InputStep {
    const path = field.sourceAttrs;
    return {
      name: field.fieldName,
      field,
      run: runnerOf(field, this.settings),
      hook: hookName(this.type, 'validate', field.fieldName),
      target: path.length === 1 ? (path[0] as string) : null,
      path,
      isInherited: isInheritedName(field.fieldName),
      readsItself: field.getValue !== Field.prototype.getValue,
    };
  }

  #outputStep(field: Field): OutputStep {
    const path = field.sourceAttrs;
    return {
      name: field.fieldName,
      field,
      attribute: path.length === 1 ? (path[0] as string) : null,
      isWhole: path.length === 0,
      readsItself: field.getAttribute !== Field.prototype.getAttribute,
      present: presenterOf(field, this.settings),
    };
  }

  /** Everything between input and validated data. */
  run(
    data: unknown,
    scope: Scope,
    convert: ((data: unknown) => unknown) | null,
    validators: readonly Validator<never>[],
  ): unknown {
    const converted = convert === null ? this.convert(data, scope) : guarded(() => convert(data));
    if (isPromiseLike(converted)) return converted.then((value) => this.#checkObject(value, scope, validators));
    return this.#checkObject(converted, scope, validators);
  }

  #checkObject(value: unknown, scope: Scope, validators: readonly Validator<never>[]): unknown {
    if (value instanceof Failure) return value;
    if (validators.length === 0) return this.#validate(value, scope);
    const outcome = andThen(this.withReadOnlyDefaults(value, scope), (attrs) =>
      runObjectValidators(validators, attrs, scope),
    );
    return andThen(outcome, (refused) =>
      refused instanceof Failure ? this.objectFailure(refused.detail) : this.#validate(value, scope),
    );
  }

  #validate(value: unknown, scope: Scope): unknown {
    if (!this.validates) return value;
    const outcome = guarded(() => (scope.serializer as Hooks).validate(value));
    return andThen(outcome, (validated) => {
      if (validated instanceof Failure) return this.objectFailure(validated.detail);
      if (validated === undefined || validated === null) {
        throw new Error(`${this.type.name}.validate() should return the validated data.`);
      }
      return validated;
    });
  }

  /** Validated data with the defaults of read-only fields, which validators may look at. */
  withReadOnlyDefaults(value: unknown, scope: Scope): Awaitable<unknown> {
    if (this.#readOnlyDefaults.length === 0 || typeof value !== 'object' || value === null) return value;
    const result: Record<string, unknown> = {};
    const waiting: PromiseLike<unknown>[] = [];
    for (const field of this.#readOnlyDefaults) {
      try {
        const given = field.getDefault(scope);
        if (isPromiseLike(given)) waiting.push(given.then((settled) => defineOwn(result, field.source, settled)));
        else defineOwn(result, field.source, given);
      } catch (error) {
        if (!(error instanceof SkipField)) throw error;
      }
    }
    if (waiting.length === 0) return Object.assign(result, value);
    return Promise.all(waiting).then(() => Object.assign(result, value));
  }

  /** An error of the whole object, by key as the others are. */
  objectFailure(detail: Detail): Failure {
    return new Failure(asSerializerError(detail, this.settings.nonFieldErrorsKey));
  }

  /** Reads each field from the input: validated data, a Failure by field, or a promise of them. */
  convert(data: unknown, scope: Scope): unknown {
    if (!isMapping(data)) {
      const text = `Invalid data. Expected a dictionary, but got ${typeName(data)}.`;
      return this.objectFailure([new ErrorDetail(text, 'invalid')]);
    }
    const reading = new Reading(data, scope);
    if (this.#rejectsUnknown) this.#rejectUnknown(reading);
    return this.#read(reading, 0);
  }

  #read(reading: Reading, start: number): unknown {
    const { data, scope, isForm: isFormData } = reading;
    const inputs = this.#inputs;
    for (let at = start; at < inputs.length; at += 1) {
      const step = inputs[at] as InputStep;
      const outcome = this.#readOne(step, data, isFormData, scope);
      if (typeof outcome === 'object' && outcome !== null && isPromiseLike(outcome)) {
        return outcome.then((settled) => {
          reading.take(step, settled);
          return this.#read(reading, at + 1);
        });
      }
      reading.take(step, outcome);
    }
    return reading.result();
  }

  #readOne(step: InputStep, data: Mapping, isFormData: boolean, scope: Scope): unknown {
    let given: unknown;
    if (isFormData || step.readsItself) given = step.field.getValue(data, scope);
    else if (step.isInherited && !Object.hasOwn(data, step.name)) given = empty;
    else given = (data as Record<string, unknown>)[step.name];
    const outcome = step.run(given === undefined ? empty : given, scope);
    if (step.hook === null) return outcome;
    return isPromiseLike(outcome)
      ? outcome.then((settled) => hooked(step.hook as string, settled, scope))
      : hooked(step.hook, outcome, scope);
  }

  #rejectUnknown(reading: Reading): void {
    const isFormData = isForm(reading.data);
    const names = isForm(reading.data) ? reading.data.keys() : Object.keys(reading.data);
    for (const key of names) {
      // `tags[0]` and `address.city` belong to `tags` and `address`; forms carry their token along.
      const name = isFormData ? (/^[^[.]*/.exec(key)?.[0] ?? key) : key;
      if (this.fields.has(key) || this.fields.has(name) || (isFormData && key === 'csrfmiddlewaretoken')) continue;
      reading.refuse(key, [new ErrorDetail('Unknown field.', 'unknown')]);
    }
  }

  /** Shows an object: plain data, or a promise of it when a field has to be awaited. */
  represent(instance: unknown, scope: Scope): unknown {
    const result: Record<string, unknown> = {};
    let waiting: PromiseLike<unknown>[] | null = null;
    for (const step of this.#outputs) {
      const value = this.#attribute(step, instance, scope);
      if (value === skip) continue;
      let shown: unknown = null;
      if (value !== null) {
        shown = isPromiseLike(value)
          ? value.then((settled) => (settled === null || settled === undefined ? null : step.present(settled, scope)))
          : step.present(value, scope);
      }
      if (typeof shown === 'object' && shown !== null && isPromiseLike(shown)) {
        // The key takes its place now and its value later.
        result[step.name] = undefined;
        waiting ??= [];
        waiting.push(shown.then((settled) => defineOwn(result, step.name, settled)));
      } else {
        result[step.name] = shown;
      }
    }
    return waiting === null ? result : Promise.all(waiting).then(() => result);
  }

  #attribute(step: OutputStep, instance: unknown, scope: Scope): unknown {
    if (step.attribute !== null && !step.readsItself) {
      const value = readStep(instance, step.attribute);
      if (value !== undefined) return value;
    } else if (step.isWhole && !step.readsItself) {
      return instance;
    }
    try {
      return step.field.getAttribute(instance, scope);
    } catch (error) {
      if (error instanceof SkipField) return skip;
      throw error;
    }
  }

  /** What an empty form shows, or what a form was sent with. */
  initial(scope: Scope, sent: unknown): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    if (sent !== empty && !isMapping(sent)) return result;
    for (const field of this.fields.values()) {
      if (field.readOnly) continue;
      const value = sent === empty ? field.getInitial(scope) : field.getValue(sent as Record<string, unknown>, scope);
      if (value !== empty) defineOwn(result, field.fieldName, value);
    }
    return result;
  }
}

/** Input that a serializer can read names from. */
type Mapping = Readonly<Record<string, unknown>> | FormInput;

function isMapping(data: unknown): data is Mapping {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype === Object.prototype || prototype === null || isForm(data);
}

/** One pass over the fields. */
class Reading {
  readonly #values: Record<string, unknown> = {};
  #errors: Record<string, Detail> | null = null;

  readonly isForm: boolean;

  constructor(
    readonly data: Mapping,
    readonly scope: Scope,
  ) {
    this.isForm = isForm(data);
  }

  take(step: InputStep, outcome: unknown): void {
    if (outcome === skip) return;
    if (outcome instanceof Failure) this.refuse(step.name, outcome.detail);
    else if (step.target !== null) this.#values[step.target] = outcome;
    else setValue(this.#values, step.path, outcome);
  }

  refuse(name: string, detail: Detail): void {
    this.#errors ??= {};
    defineOwn(this.#errors, name, detail);
  }

  result(): Record<string, unknown> | Failure {
    return this.#errors === null ? this.#values : new Failure(this.#errors);
  }
}

/** Sets a value at a path of nested objects; with an empty path, merges it (row FI03). */
export function setValue(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.at(-1);
  if (last === undefined) {
    for (const [key, item] of Object.entries(value as object)) defineOwn(target, key, item);
    return;
  }
  let at = target;
  for (const step of path.slice(0, -1)) {
    // Own properties only: `constructor` must not lead anywhere.
    if (!Object.hasOwn(at, step)) defineOwn(at, step, {});
    at = at[step] as Record<string, unknown>;
  }
  defineOwn(at, last, value);
}

/** The name of a hook such as `validateTitle` when the class has it; `two_words` may be `validateTwo_words` or `validateTwoWords`. */
export function hookName(type: CompilableClass, prefix: string, field: string): string | null {
  const prototype = type.prototype as Record<string, unknown>;
  return hookNames(prefix, field).find((name) => typeof prototype[name] === 'function') ?? null;
}

function hookNames(prefix: string, field: string): [plain: string, camel: string] {
  const plain = prefix + field.charAt(0).toUpperCase() + field.slice(1);
  return [plain, plain.replace(/_+([a-z0-9])/gi, (_all, letter: string) => letter.toUpperCase())];
}

/** What the serializer's own method makes of a validated value. */
function hooked(hook: string, outcome: unknown, scope: Scope): unknown {
  if (outcome === skip || outcome instanceof Failure) return outcome;
  const serializer = scope.serializer as Record<string, (value: unknown) => unknown>;
  return guarded(() => serializer[hook]?.(outcome));
}

/** An error of a whole object in the shape of errors by field. */
export function asSerializerError(detail: Detail, nonFieldErrorsKey: string): Detail {
  if (detail instanceof ErrorDetail) return { [nonFieldErrorsKey]: [detail] };
  if (Array.isArray(detail)) return { [nonFieldErrorsKey]: detail };
  const result: { [key: string]: Detail } = {};
  for (const [key, value] of Object.entries(detail)) {
    defineOwn(result, key, value instanceof ErrorDetail ? [value] : value);
  }
  return result;
}

/** Turns the outcome of a run into a value or an exception. */
export function settle(outcome: unknown): Awaitable<unknown> {
  return andThen(outcome, (settled) => {
    if (settled instanceof Failure) throw new ValidationError(settled.detail);
    return settled;
  });
}
