import { EntityRelatedField, type EntityRelatedFieldOptions } from './entity-related-field.ts';

/** Options of StringRelatedField: it is always read-only. */
export interface StringRelatedFieldOptions extends Omit<EntityRelatedFieldOptions, 'queryset' | 'readOnly'> {
  readonly readOnly?: true;
}

type ReadOnly<Options> = Options & { readonly readOnly: true };

/**
 * A related object as its text: what `toString()` says (row RL01). Read-only.
 *
 * Say beside the method what it reads, `@needs('title') override toString()`, else all columns are loaded.
 */
export class StringRelatedField<const Options extends StringRelatedFieldOptions = {}> extends EntityRelatedField<
  unknown,
  string,
  never,
  ReadOnly<Options>
> {
  constructor(options?: Options & StringRelatedFieldOptions) {
    super({ ...options, readOnly: true } as ReadOnly<Options>);
  }

  override findAll(): never {
    throw new Error(`${this.owner}.${this.fieldName} is read-only.`);
  }

  override show(entity: unknown): string {
    return String(entity);
  }
}
