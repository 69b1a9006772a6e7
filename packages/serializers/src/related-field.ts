import { type Awaitable, isPromiseLike } from './awaitable.ts';
import { Field, type Parser, pass, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { type FormInput, hasName } from './html-form.ts';
import { itemsOf } from './iteration.ts';
import { empty, Failure } from './outcome.ts';
import { typeName } from './python-text.ts';
import type { Scope } from './scope.ts';

/** Options of fields that lead to other objects. */
export interface RelatedFieldOptions extends FieldOptions<never> {
  /** A list of objects instead of one. Default false. */
  readonly many?: boolean;
  /** With `many`: whether there may be none. Default true. */
  readonly allowEmpty?: boolean;
}

/** One or many, by the option `many`. */
export type Related<Options, Type> = Options extends { readonly many: true } ? Type[] : Type;

/**
 * The base of fields that stand for other objects: `find` looks one up, `findAll` a list of them, `show` says what
 * stands for an object in the answer. What an object is, and where it is looked up, is the subclass's business.
 *
 * A list fails as a whole, with the error of its first bad item. A form without the name means an empty list.
 */
export abstract class RelatedField<
  Found = unknown,
  Shown = unknown,
  Input = unknown,
  const Options extends RelatedFieldOptions = RelatedFieldOptions,
> extends Field<Related<Options, Found>, Related<Options, Shown>, Related<Options, Input>, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    not_a_list: 'Expected a list of items but got type "{input_type}".',
    empty: 'This list may not be empty.',
  };

  /** The object that a value stands for, or the failure. */
  abstract find(data: unknown, scope: Scope): Awaitable<Found | Failure>;

  /** What stands for an object. */
  abstract show(object: unknown, scope: Scope): Awaitable<Shown>;

  /** The objects of a list; one after the other unless a subclass knows better. */
  findAll(items: readonly unknown[], scope: Scope): Awaitable<Found[] | Failure> {
    const found: Found[] = [];
    const from = (start: number): Awaitable<Found[] | Failure> => {
      for (let at = start; at < items.length; at += 1) {
        const outcome = this.find(items[at], scope);
        if (isPromiseLike(outcome)) {
          return outcome.then((settled) => {
            if (settled instanceof Failure) return settled;
            found.push(settled as Found);
            return from(at + 1);
          });
        }
        if (outcome instanceof Failure) return outcome;
        found.push(outcome as Found);
      }
      return found;
    };
    return from(0);
  }

  get many(): boolean {
    return this.options.many === true;
  }

  get allowEmpty(): boolean {
    return this.options.allowEmpty !== false;
  }

  /** The empty text of a form or a select box stands for nothing. */
  override intercept(data: unknown): unknown {
    if (data !== '' || this.many) return pass;
    return this.allowNull ? null : this.failure('null');
  }

  protected override getFormValue(form: FormInput, scope: Scope): unknown {
    if (!this.many) return super.getFormValue(form, scope);
    return scope.partial && !hasName(form, this.fieldName) ? empty : form.getList(this.fieldName);
  }

  override parse(data: unknown, scope: Scope): Awaitable<Related<Options, Found> | Failure> {
    if (!this.many) return this.find(data, scope) as Awaitable<Related<Options, Found> | Failure>;
    const items = itemsOf(data);
    if (items === undefined) return this.failure('not_a_list', { input_type: typeName(data) });
    if (!this.allowEmpty && items.length === 0) return this.failure('empty');
    return this.findAll(items, scope) as Awaitable<Related<Options, Found> | Failure>;
  }

  override parser(): Parser {
    return (data, scope) => this.parse(data, scope);
  }

  override toRepresentation(value: unknown, scope: Scope): Awaitable<Related<Options, Shown>> {
    if (!this.many) return this.show(value, scope) as Awaitable<Related<Options, Shown>>;
    const shown = (itemsOf(value) ?? []).map((object) => this.show(object, scope));
    return (shown.some(isPromiseLike) ? Promise.all(shown) : shown) as Awaitable<Related<Options, Shown>>;
  }

  override presenter(): Presenter {
    return this.many
      ? (value, scope) => this.toRepresentation(value, scope)
      : (value, scope) => this.show(value, scope);
  }

  override getInitial(scope: Scope): unknown {
    return this.many && this.options.initial === undefined ? [] : super.getInitial(scope);
  }
}
