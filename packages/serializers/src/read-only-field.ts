import { Field, type Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';

const identity = (value: unknown): unknown => value;

/** A value that is shown as it is and never read (row FI24). A method without arguments is called. */
export class ReadOnlyField<Shown = unknown, const Options extends FieldOptions = {}> extends Field<
  never,
  Shown,
  never,
  Options & { readonly readOnly: true }
> {
  constructor(options?: Options) {
    super({ ...options, readOnly: true } as Options & { readonly readOnly: true });
  }

  protected override get writtenOptions(): object {
    const { readOnly: _readOnly, ...written } = this.options;
    return written;
  }

  override toRepresentation(value: unknown): Shown {
    return value as Shown;
  }

  override presenter(): Presenter {
    return identity;
  }
}
