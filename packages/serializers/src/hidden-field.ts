import { ImproperlyConfigured } from '@rf/exceptions';
import type { DefaultFunction, DefaultObject } from './default.ts';
import { Field } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { empty } from './outcome.ts';

/** Options of HiddenField. */
export interface HiddenFieldOptions extends FieldOptions<never> {
  /** The value of the field. */
  readonly default: unknown;
}

type ValueOf<Default> =
  Default extends DefaultObject<infer Value> ? Value : Default extends DefaultFunction<infer Value> ? Value : Default;

/** A value that neither comes in nor goes out: its default is in validated data (row FI24). */
export class HiddenField<const Options extends HiddenFieldOptions = HiddenFieldOptions> extends Field<
  ValueOf<Options['default']>,
  never,
  never,
  Options & { readonly writeOnly: true; readonly required: false }
> {
  constructor(options: Options) {
    super({ ...options, writeOnly: true } as never);
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (this.hasDefault) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (HiddenField): \`default\` is required. Write \`new HiddenField({ default: … })\`.`,
    );
  }

  protected override get writtenOptions(): object {
    const { writeOnly: _writeOnly, ...written } = this.options;
    return written;
  }

  override get required(): boolean {
    return false;
  }

  override getValue(): typeof empty {
    return empty;
  }

  override parse(data: unknown): never {
    return data as never;
  }
}
