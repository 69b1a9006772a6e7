import { ImproperlyConfigured } from '@rf/exceptions';
import { Failure, pythonString, type Scope } from '@rf/serializers';
import { readProperty } from './entity-key.ts';
import { keyValue, noSuchKey, wrongType } from './key-value.ts';
import { EntityRelatedField, type EntityRelatedFieldOptions } from './entity-related-field.ts';

/** Options of SlugRelatedField. */
export interface SlugRelatedFieldOptions<Entity = unknown> extends EntityRelatedFieldOptions<Entity> {
  /** The property that names the object; `publisher.name` leads through a related one. */
  readonly slugField: string;
}

/** The type of the property that names the object. */
type SlugOf<Entity, Options> = Options extends { readonly slugField: infer Name extends keyof Entity }
  ? Entity[Name]
  : string;

/** A related object by one of its properties (row RL05). */
export class SlugRelatedField<
  Entity = unknown,
  const Options extends SlugRelatedFieldOptions<Entity> = SlugRelatedFieldOptions<Entity>,
> extends EntityRelatedField<Entity, SlugOf<Entity, Options>, SlugOf<Entity, Options>, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    does_not_exist: 'Object with {slug_name}={value} does not exist.',
    invalid: 'Invalid value.',
  };

  constructor(options: Options & SlugRelatedFieldOptions<Entity>) {
    super(options);
  }

  get slugField(): string {
    return (this.options as SlugRelatedFieldOptions).slugField;
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (typeof this.slugField === 'string' && this.slugField !== '') return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (SlugRelatedField): the \`slugField\` option is required. Write \`slugField: 'name'\`.`,
    );
  }

  protected override get lookupPath(): string {
    return this.slugField;
  }

  override async findAll(items: readonly unknown[], scope: Scope): Promise<Entity[] | Failure> {
    const lookup = this.lookup(scope, this.slugField);
    const column = lookup.metadata.findColumnWithPropertyPath(lookup.path);
    const keys: unknown[] = [];
    let refused: Failure | null = null;
    for (const item of items) {
      const key = column === undefined ? textOf(item) : keyValue(column, item);
      if (key === wrongType || key instanceof Failure) {
        refused = key === wrongType ? this.failure('invalid') : (key as Failure);
        break;
      }
      keys.push(key);
    }
    const byText = await lookup.byText([...new Set(keys.filter((key) => key !== noSuchKey))]);
    const found: Entity[] = [];
    for (const [at, key] of keys.entries()) {
      const entity = key === noSuchKey ? undefined : byText.get(String(key));
      if (entity === undefined) {
        return this.failure('does_not_exist', { slug_name: this.slugField, value: items[at] });
      }
      found.push(entity as Entity);
    }
    return refused ?? found;
  }

  override show(entity: unknown, _scope: Scope): SlugOf<Entity, Options> {
    return readProperty(entity, this.slugField) as SlugOf<Entity, Options>;
  }
}

function textOf(item: unknown): unknown {
  return item === null || item === undefined ? noSuchKey : pythonString(item);
}
