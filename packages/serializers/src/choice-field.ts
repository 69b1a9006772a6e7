import { Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { formatMessage, pythonString } from './python-text.ts';

/** A value that may be chosen. */
export type ChoiceValue = string | number | bigint | boolean | null;

/** A value, or a value with the text that people see. */
export type Choice = ChoiceValue | readonly [value: ChoiceValue, label: string];

/** Choices, some of them under a heading. */
export type Choices = readonly (Choice | readonly [group: string, choices: readonly Choice[]])[];

/** The values of a list of choices. */
export type ValueOfChoices<Given> = Given extends readonly (infer Item)[] ? ValueOfChoice<Item> : never;

type ValueOfChoice<Item> = Item extends readonly [infer Value, infer Label]
  ? Label extends readonly (infer Inner)[]
    ? ValueOfChoice<Inner>
    : Value
  : Item;

/** One entry of a select box. */
export type Option =
  | { readonly kind: 'groupStart'; readonly label: string }
  | { readonly kind: 'groupEnd' }
  | { readonly kind: 'option'; readonly value: ChoiceValue; readonly label: string; readonly disabled: boolean };

/** Options of ChoiceField. */
export interface ChoiceFieldOptions extends FieldOptions<never> {
  readonly choices: Choices;
  /** Whether the empty text is a value. Default false. */
  readonly allowBlank?: boolean;
  /** Most entries in a select box. Default: all. */
  readonly htmlCutoff?: number;
  /** The entry after them. Default `More than {count} items...`. */
  readonly htmlCutoffText?: string;
}

/** A choice without a heading. */
interface Entry {
  readonly group: string | null;
  readonly value: ChoiceValue;
  readonly label: ChoiceValue;
}

/** One of some values, compared as text, so that 1 and "1" are the same (row FI17). */
export class ChoiceField<
  const Options extends ChoiceFieldOptions = ChoiceFieldOptions,
  Value = ValueOfChoices<Options['choices']> | (Options extends { readonly allowBlank: true } ? '' : never),
> extends Field<Value, Value, ValueOfChoices<Options['choices']>, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid_choice: '"{input}" is not a valid choice.',
  };
  declare private valuesByText: ReadonlyMap<string, ChoiceValue> | undefined;

  constructor(options: Options) {
    super(options);
  }

  override get allowBlank(): boolean {
    return this.options.allowBlank === true;
  }

  /** The choices as they are offered; override it where they are computed. */
  protected get entries(): readonly Entry[] {
    const entries: Entry[] = [];
    for (const choice of this.options.choices) {
      if (Array.isArray(choice) && Array.isArray(choice[1])) {
        for (const inner of choice[1] as readonly Choice[]) entries.push(entryOf(inner, String(choice[0])));
      } else {
        entries.push(entryOf(choice as Choice, null));
      }
    }
    return entries;
  }

  /** Values and labels in order, without headings. What has no label of its own is its own label. */
  get choices(): ReadonlyMap<ChoiceValue, ChoiceValue> {
    return new Map(this.entries.map(({ value, label }) => [value, label]));
  }

  /** Values by their text. */
  protected get values(): ReadonlyMap<string, ChoiceValue> {
    this.valuesByText ??= new Map(this.entries.map(({ value }) => [pythonString(value), value]));
    return this.valuesByText;
  }

  /** What a select box shows, cut off where the options say so. */
  *iterOptions(): Generator<Option> {
    const cutoff = this.options.htmlCutoff ?? Number.POSITIVE_INFINITY;
    let group: string | null = null;
    let count = 0;
    for (const entry of this.entries) {
      if (count >= cutoff) break;
      if (entry.group !== group) {
        if (group !== null) yield { kind: 'groupEnd' };
        if (entry.group !== null) yield { kind: 'groupStart', label: entry.group };
        group = entry.group;
      }
      yield { kind: 'option', value: entry.value, label: pythonString(entry.label), disabled: false };
      count += 1;
    }
    if (group !== null) yield { kind: 'groupEnd' };
    if (count >= cutoff) {
      const label = formatMessage(this.options.htmlCutoffText ?? 'More than {count} items...', { count });
      yield { kind: 'option', value: 'n/a', label, disabled: true };
    }
  }

  override parse(data: unknown, _scope: unknown): Value | Failure {
    return this.chosen(data) as Value | Failure;
  }

  /** The value that a text or number stands for. */
  protected chosen(data: unknown): unknown {
    if (data === '' && this.allowBlank) return '';
    const value = this.values.get(pythonString(data));
    return value === undefined ? this.failure('invalid_choice', { input: data }) : value;
  }

  override parser(): Parser {
    const { values, allowBlank } = this;
    return (data, scope) => {
      const value = typeof data === 'string' && !(allowBlank && data === '') ? values.get(data) : undefined;
      return value === undefined ? this.parse(data, scope) : value;
    };
  }

  override toRepresentation(value: unknown): Value {
    return (value === '' || value === null ? value : this.shown(value)) as Value;
  }

  /** The value of a choice, or what was stored when that is no choice. */
  protected shown(value: unknown): unknown {
    const known = this.values.get(pythonString(value));
    return known === undefined ? value : known;
  }

  override presenter(): Presenter {
    return (value) => this.toRepresentation(value);
  }
}

function entryOf(choice: Choice, group: string | null): Entry {
  if (Array.isArray(choice)) return { group, value: choice[0] as ChoiceValue, label: choice[1] as ChoiceValue };
  return { group, value: choice as ChoiceValue, label: choice as ChoiceValue };
}
