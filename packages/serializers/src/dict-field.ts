import type { Detail } from '@rf/exceptions';
import { type Awaitable, isPromiseLike } from './awaitable.ts';
import { childField } from './child-field.ts';
import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, INPUT, SHOWN, VALUE } from './field-types.ts';
import { type FormInput, formEntries, formObject, hasName, isForm } from './html-form.ts';
import type { DictInput, DictShown, DictValue } from './inference.ts';
import { empty, Failure, skip } from './outcome.ts';
import { defineOwn } from './own-property.ts';
import { pythonString, typeName } from './python-text.ts';
import { guarded, presenterOf, type Runner, runnerOf } from './runner.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';

/** Options of DictField. */
export interface DictFieldOptions extends FieldOptions<never> {
  /** The field of each value. Default: anything. */
  readonly child?: object;
  /** Default true. */
  readonly allowEmpty?: boolean;
}

/** An object with values of one kind under any keys; errors are keyed as the values are (row FI22). */
export class DictField<const Options extends DictFieldOptions = {}> extends Field<unknown, unknown, unknown, Options> {
  declare readonly [VALUE]: DictValue<Options>;
  declare readonly [SHOWN]: DictShown<Options>;
  declare readonly [INPUT]: DictInput<Options>;

  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    not_a_dict: 'Expected a dictionary of items but got type "{input_type}".',
    empty: 'This dictionary may not be empty.',
  };
  static override initial: unknown = {};
  declare private boundChild: Field | undefined;

  /** The field of each value. */
  get child(): Field {
    this.boundChild ??= childField(this.childOption, this.fieldName, this.owner);
    return this.boundChild;
  }

  /** What the child is made of. */
  protected get childOption(): unknown {
    return this.options.child;
  }

  get allowEmpty(): boolean {
    return this.options.allowEmpty !== false;
  }

  override bind(name: string, owner: string): void {
    super.bind(name, owner);
    this.boundChild = childField(this.childOption, name, owner);
  }

  protected override getFormValue(form: FormInput): unknown {
    // A name alone is the form's way to say: an empty dictionary.
    return formObject(form, this.fieldName) ?? (hasName(form, this.fieldName) ? {} : empty);
  }

  override parse(data: unknown, scope: Scope): Awaitable<unknown> {
    const { child } = this;
    return this.parseWith((item, at) => guarded(() => child.runValidation(item, at)), data, scope);
  }

  override parser(settings: SerializerSettings): Parser {
    const run = runnerOf(this.child, settings);
    return (data, scope) => this.parseWith(run, data, scope);
  }

  private parseWith(run: Runner, data: unknown, scope: Scope): unknown {
    const entries = entriesOf(data);
    if (entries === undefined) return this.failure('not_a_dict', { input_type: typeName(data) });
    if (!this.allowEmpty && entries.length === 0) return this.failure('empty');
    return runEntries(entries, run, scope);
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<unknown> {
    const { child } = this;
    return presentEntries(value, (item, at) => child.toRepresentation(item, at), scope);
  }

  override presenter(settings: SerializerSettings): Presenter {
    const present = presenterOf(this.child, settings);
    return (value, scope) => presentEntries(value, present, scope);
  }
}

/** Keys as text, and values, of an object, a map or a form; undefined for anything else. */
function entriesOf(data: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (isForm(data)) return formEntries(formObject(data, '') ?? data);
  if (data instanceof Map) return Array.from(data, ([key, value]) => [pythonString(key), value] as const);
  return typeof data === 'object' && data !== null && typeName(data) === 'dict' ? Object.entries(data) : undefined;
}

/** Validates the values: an object of them, a Failure by key, or a promise of one of them. */
function runEntries(entries: readonly (readonly [string, unknown])[], run: Runner, scope: Scope): unknown {
  const result: Record<string, unknown> = {};
  let errors: { [key: string]: Detail } | null = null;
  const take = (key: string, outcome: unknown): void => {
    if (outcome instanceof Failure) {
      errors ??= {};
      defineOwn(errors, key, outcome.detail);
    } else if (outcome !== skip) {
      defineOwn(result, key, outcome);
    }
  };
  const from = (start: number): unknown => {
    for (let at = start; at < entries.length; at += 1) {
      const [key, value] = entries[at] as readonly [string, unknown];
      const outcome = run(value, scope);
      if (isPromiseLike(outcome)) {
        return outcome.then((settled) => {
          take(key, settled);
          return from(at + 1);
        });
      }
      take(key, outcome);
    }
    return errors === null ? result : new Failure(errors);
  };
  return from(0);
}

function presentEntries(value: unknown, present: Presenter, scope: Scope): unknown {
  const result: Record<string, unknown> = {};
  const waiting: PromiseLike<unknown>[] = [];
  for (const [key, item] of entriesOf(value) ?? []) {
    const shown = item === null || item === undefined ? null : present(item, scope);
    defineOwn(result, key, shown);
    if (isPromiseLike(shown)) waiting.push(shown.then((settled) => defineOwn(result, key, settled)));
  }
  return waiting.length === 0 ? result : Promise.all(waiting).then(() => result);
}
