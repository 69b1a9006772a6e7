import { type Awaitable, Failure, type Field, type Scope, typeName } from '@rf/serializers';
import type { EntityLookup } from './entity-lookup.ts';
import { keyValue, noSuchKey, wrongType } from './key-value.ts';
import { readKey } from './entity-key.ts';
import { EntityRelatedField, type EntityRelatedFieldOptions } from './entity-related-field.ts';

/** Options of PrimaryKeyRelatedField. */
export interface PrimaryKeyRelatedFieldOptions<Entity = unknown> extends EntityRelatedFieldOptions<Entity> {
  /** Reads and shows the key, such as `new UUIDField({ format: 'hex' })`. */
  readonly pkField?: Field;
}

/** The key of an entity type: the type of its `id`. */
export type KeyOf<Entity> = Entity extends { readonly id: infer Id } ? Id : number | string;

/** What an item says: a key, and the value that error texts show for it. */
interface ItemKey {
  readonly key: unknown;
  readonly shown: unknown;
}

/** A related object by its key (row RL02). Showing it reads the key only. */
export class PrimaryKeyRelatedField<
  Entity = unknown,
  const Options extends PrimaryKeyRelatedFieldOptions<Entity> = PrimaryKeyRelatedFieldOptions<Entity>,
> extends EntityRelatedField<Entity, KeyOf<Entity>, KeyOf<Entity>, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    does_not_exist: 'Invalid pk "{pk_value}" - object does not exist.',
    incorrect_type: 'Incorrect type. Expected pk value, received {data_type}.',
  };

  constructor(options?: Options & PrimaryKeyRelatedFieldOptions<Entity>) {
    super(options);
  }

  /** The field that reads and shows the key, or null. */
  get pkField(): Field | null {
    return (this.options as PrimaryKeyRelatedFieldOptions).pkField ?? null;
  }

  protected override get lookupPath(): string | null {
    return this.pkField === null ? 'pk' : null;
  }

  override async findAll(items: readonly unknown[], scope: Scope): Promise<Entity[] | Failure> {
    const lookup = this.lookup(scope, 'pk');
    // Items after the first one of a wrong type are not looked at, as the first wrong item decides.
    const keys: ItemKey[] = [];
    let refused: Failure | null = null;
    for (const item of items) {
      const key = await this.#readItem(item, lookup, scope);
      if (key instanceof Failure) {
        refused = key;
        break;
      }
      keys.push(key);
    }
    const wanted = new Set(keys.map(({ key }) => key));
    wanted.delete(noSuchKey);
    const byText = await lookup.byText([...wanted]);
    const found: Entity[] = [];
    for (const { key, shown } of keys) {
      const entity = key === noSuchKey ? undefined : byText.get(String(key));
      if (entity === undefined) return this.failure('does_not_exist', { pk_value: shown });
      found.push(entity as Entity);
    }
    return refused ?? found;
  }

  async #readItem(item: unknown, lookup: EntityLookup, scope: Scope): Promise<ItemKey | Failure> {
    const { pkField } = this;
    const data: unknown = pkField === null ? item : await pkField.parse(item, scope);
    if (data instanceof Failure) return data;
    const [column] = lookup.metadata.primaryColumns;
    if (column === undefined) throw new Error(`${lookup.metadata.name} has no primary column.`);
    // Python's true is a number, but no key.
    const key = typeof data === 'boolean' ? wrongType : keyValue(column, data);
    if (key instanceof Failure) return key;
    if (key === wrongType) return this.failure('incorrect_type', { data_type: typeName(data) });
    return { key, shown: data };
  }

  override show(entity: unknown, scope: Scope): Awaitable<KeyOf<Entity>> {
    return this.showKey(readKey(entity), scope) as Awaitable<KeyOf<Entity>>;
  }

  /** What stands for an entity with this key. */
  showKey(key: unknown, scope: Scope): unknown {
    const { pkField } = this;
    return pkField === null ? key : pkField.toRepresentation(key as never, scope);
  }
}
