import { type Detail, ErrorDetail } from '@rf/exceptions';
import { type Awaitable, isPromiseLike } from './awaitable.ts';
import { childField } from './child-field.ts';
import { type Check, Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, INPUT, SHOWN, VALUE } from './field-types.ts';
import { type FormInput, formList, hasName, isForm } from './html-form.ts';
import type { ListInput, ListShown, ListValue } from './inference.ts';
import { itemsOf } from './iteration.ts';
import { empty, Failure, skip } from './outcome.ts';
import { typeName } from './python-text.ts';
import { guarded, presenterOf, type Runner, runnerOf } from './runner.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';

/** Options of ListField. */
export interface ListFieldOptions extends FieldOptions<never> {
  /** The field of each item. Default: anything. */
  readonly child?: object;
  /** Default true. */
  readonly allowEmpty?: boolean;
  readonly maxLength?: number;
  readonly minLength?: number;
}

/** A list of values of one kind; errors are keyed by index (row FI21). */
export class ListField<const Options extends ListFieldOptions = {}> extends Field<unknown, unknown, unknown, Options> {
  declare readonly [VALUE]: ListValue<Options>;
  declare readonly [SHOWN]: ListShown<Options>;
  declare readonly [INPUT]: ListInput<Options>;

  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: 'This list may not be empty.',
    min_length: 'Ensure this field has at least {min_length} elements.',
    max_length: 'Ensure this field has no more than {max_length} elements.',
  };
  static override initial: unknown = [];
  declare private boundChild: Field | undefined;

  /** The field of each item. */
  get child(): Field {
    this.boundChild ??= childField(this.options.child, this.fieldName, this.owner);
    return this.boundChild;
  }

  get allowEmpty(): boolean {
    return this.options.allowEmpty !== false;
  }

  get maxLength(): number | null {
    return this.options.maxLength ?? null;
  }

  get minLength(): number | null {
    return this.options.minLength ?? null;
  }

  override bind(name: string, owner: string): void {
    super.bind(name, owner);
    this.boundChild = childField(this.options.child, name, owner);
  }

  protected override getFormValue(form: FormInput): unknown {
    if (hasName(form, this.fieldName)) return form.getList(this.fieldName);
    return formList(form, this.fieldName) ?? empty;
  }

  override parse(data: unknown, scope: Scope): Awaitable<unknown> {
    const { child } = this;
    return this.parseWith((item, at) => guarded(() => child.runValidation(item, at)), data, scope);
  }

  override parser(settings: SerializerSettings): Parser {
    const run = runnerOf(this.child, settings);
    return (data, scope) => this.parseWith(run, data, scope);
  }

  private parseWith(run: Runner, given: unknown, scope: Scope): unknown {
    const data = isForm(given) ? (formList(given, '') ?? []) : given;
    const items = isMappingLike(data) ? undefined : itemsOf(data);
    if (items === undefined) return this.failure('not_a_list', { input_type: typeName(data) });
    if (!this.allowEmpty && items.length === 0) return this.failure('empty');
    return runItems(items, run, scope);
  }

  override checks(): readonly Check<never>[] {
    const { maxLength, minLength } = this;
    const checks: Check<readonly unknown[]>[] = [];
    if (maxLength !== null) {
      const error = new ErrorDetail(this.message('max_length', { max_length: maxLength }), 'max_length');
      checks.push((value) => (value.length > maxLength ? error : null));
    }
    if (minLength !== null) {
      const error = new ErrorDetail(this.message('min_length', { min_length: minLength }), 'min_length');
      checks.push((value) => (value.length < minLength ? error : null));
    }
    return checks as readonly Check<never>[];
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<unknown> {
    const { child } = this;
    return presentItems(value, (item, at) => child.toRepresentation(item, at), scope);
  }

  override presenter(settings: SerializerSettings): Presenter {
    const present = presenterOf(this.child, settings);
    return (value, scope) => presentItems(value, present, scope);
  }
}

function isMappingLike(data: unknown): boolean {
  return data instanceof Map || (typeof data === 'object' && data !== null && typeName(data) === 'dict');
}

/** Validates the items: their values, a Failure by index, or a promise of one of them. */
function runItems(items: readonly unknown[], run: Runner, scope: Scope): unknown {
  const result: unknown[] = [];
  let errors: { [key: string]: Detail } | null = null;
  const take = (at: number, outcome: unknown): void => {
    if (outcome instanceof Failure) {
      errors ??= {};
      errors[at] = outcome.detail;
    } else if (outcome !== skip) {
      result.push(outcome);
    }
  };
  const from = (start: number): unknown => {
    for (let at = start; at < items.length; at += 1) {
      const outcome = run(items[at], scope);
      if (isPromiseLike(outcome)) {
        return outcome.then((settled) => {
          take(at, settled);
          return from(at + 1);
        });
      }
      take(at, outcome);
    }
    return errors === null ? result : new Failure(errors);
  };
  return from(0);
}

function presentItems(value: unknown, present: Presenter, scope: Scope): unknown {
  const shown = (itemsOf(value) ?? []).map((item) =>
    item === null || item === undefined ? null : present(item, scope),
  );
  return shown.some(isPromiseLike) ? Promise.all(shown) : shown;
}
