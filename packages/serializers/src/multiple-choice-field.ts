import { ChoiceField, type ChoiceFieldOptions, type ValueOfChoices } from './choice-field.ts';
import type { Parser } from './field.ts';
import type { FormInput } from './html-form.ts';
import { hasName } from './html-form.ts';
import { itemsOf } from './iteration.ts';
import { empty, Failure } from './outcome.ts';
import { typeName } from './python-text.ts';
import type { Scope } from './scope.ts';

/** Options of MultipleChoiceField. */
export interface MultipleChoiceFieldOptions extends ChoiceFieldOptions {
  /** Whether nothing may be chosen. Default true. */
  readonly allowEmpty?: boolean;
}

/** Any number of some values, each once, in the order of the input (row FI18). */
export class MultipleChoiceField<
  const Options extends MultipleChoiceFieldOptions = MultipleChoiceFieldOptions,
> extends ChoiceField<Options, ValueOfChoices<Options['choices']>[]> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_choice: '"{input}" is not a valid choice.',
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: 'This selection may not be empty.',
  };

  get allowEmpty(): boolean {
    return this.options.allowEmpty !== false;
  }

  /** A form in which nothing is chosen leaves the name out. */
  protected override getFormValue(form: FormInput, scope: Scope): unknown {
    return scope.partial && !hasName(form, this.fieldName) ? empty : form.getList(this.fieldName);
  }

  override parse(data: unknown, _scope: unknown): ValueOfChoices<Options['choices']>[] | Failure {
    const items = itemsOf(data);
    if (items === undefined) return this.failure('not_a_list', { input_type: typeName(data) });
    if (!this.allowEmpty && items.length === 0) return this.failure('empty');
    const chosen = new Set<unknown>();
    for (const item of items) {
      const value = this.chosen(item);
      if (value instanceof Failure) return value;
      chosen.add(value);
    }
    return [...chosen] as ValueOfChoices<Options['choices']>[];
  }

  override parser(): Parser {
    return (data, scope) => this.parse(data, scope);
  }

  override toRepresentation(value: unknown): ValueOfChoices<Options['choices']>[] {
    const shown = new Set((itemsOf(value) ?? []).map((item) => this.shown(item)));
    return [...shown] as ValueOfChoices<Options['choices']>[];
  }
}
