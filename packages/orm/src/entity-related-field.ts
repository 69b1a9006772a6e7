import { ImproperlyConfigured } from '@rf/exceptions';
import {
  type Awaitable,
  type ChoiceValue,
  Failure,
  formatMessage,
  type Option,
  RelatedField,
  type RelatedFieldOptions,
  type Scope,
} from '@rf/serializers';
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { batchAround } from './batch.ts';
import { EntityLookup } from './entity-lookup.ts';
import { keyValue } from './key-value.ts';
import { isEntityClass, managerOf, type RelatedSource, RelationTarget } from './related-source.ts';
import type { EntityClass } from './substitutable.ts';

/** Options of fields that stand for entities. */
export interface EntityRelatedFieldOptions<Entity = unknown> extends RelatedFieldOptions {
  /** The entities that may be chosen; required unless the field is read-only (row RL07). */
  readonly queryset?: RelatedSource<Entity> | RelationTarget | undefined;
  /** Most entries of a select box. Default 1000. */
  readonly htmlCutoff?: number;
  /** The entry after them. Default `More than {count} items...`. */
  readonly htmlCutoffText?: string;
  /** What showing an entity reads of it: columns and paths. Only for classes of your own; default: all columns. */
  readonly needs?: readonly string[];
}

/**
 * A field that stands for entities and knows which may be chosen (rows RL01–RL11). The stock fields extend it; a field of
 * your own says with `findAll` which entities a list of values stands for, and with `show` what stands for an entity.
 */
export abstract class EntityRelatedField<
  Entity = unknown,
  Shown = unknown,
  Input = unknown,
  const Options extends EntityRelatedFieldOptions<Entity> = EntityRelatedFieldOptions<Entity>,
> extends RelatedField<Entity, Shown, Input, Options> {
  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    const { queryset, readOnly } = this.options;
    const where = `${owner}.${name} (${this.constructor.name})`;
    if (queryset === undefined && readOnly !== true && this.getQueryset === EntityRelatedField.prototype.getQueryset) {
      throw new ImproperlyConfigured(
        `${where}: a relational field must provide a \`queryset\` option, override \`getQueryset\`, or set ` +
          '`readOnly: true`. Write `queryset: SomeEntity`.',
      );
    }
    if (queryset !== undefined && readOnly === true) {
      throw new ImproperlyConfigured(
        `${where}: a relational field should not provide a \`queryset\` option when setting \`readOnly: true\`. Remove one of them.`,
      );
    }
  }

  /** The entities that may be chosen. Override it to choose by user: `scope.context.request`. */
  getQueryset(scope: Scope): SelectQueryBuilder<ObjectLiteral> {
    const manager = managerOf(scope);
    const entity = this.relatedEntity(manager);
    if (entity !== null) {
      return manager.createQueryBuilder(entity as new () => ObjectLiteral, 'related');
    }
    const { queryset } = this.options;
    if (typeof queryset !== 'function') throw new Error(`${this.owner}.${this.fieldName} has no queryset.`);
    return (queryset as (manager: EntityManager, scope: Scope) => SelectQueryBuilder<ObjectLiteral>)(manager, scope);
  }

  /** The class whose entities may all be chosen; null when a query decides. */
  protected relatedEntity(manager: EntityManager): EntityClass | null {
    const queryset: unknown = this.options.queryset;
    if (queryset instanceof RelationTarget) return queryset.in(manager);
    return isEntityClass(queryset) ? queryset : null;
  }

  /** Finds related entities by a property. */
  protected lookup(scope: Scope, path: string): EntityLookup {
    const manager = managerOf(scope);
    const isPlain = this.getQueryset === EntityRelatedField.prototype.getQueryset;
    const entity = isPlain ? this.relatedEntity(manager) : null;
    const lookup =
      entity === null
        ? EntityLookup.inQuery(this.getQueryset(scope), path)
        : EntityLookup.inTable(manager, entity, path);
    lookup.known = batchAround(scope)?.related.get(this.fieldName);
    return lookup;
  }

  /** The property by which values name entities; null where values are no values of a property. */
  protected get lookupPath(): string | null {
    return null;
  }

  /**
   * The entities that some values name, by the text of the value; null for values that nothing has. For the items of a list,
   * which are then looked up together.
   */
  async findTogether(
    values: readonly (string | number)[],
    scope: Scope,
  ): Promise<ReadonlyMap<string, object | null> | null> {
    if (this.lookupPath === null) return null;
    const lookup = this.lookup(scope, this.lookupPath);
    const column = lookup.metadata.findColumnWithPropertyPath(lookup.path);
    if (column === undefined) return null;
    const keys = values
      .map((value) => keyValue(column, value))
      .filter((key) => typeof key === 'string' || typeof key === 'number');
    const found = new Map<string, object | null>(keys.map((key) => [String(key), null]));
    for (const [text, entity] of await lookup.byText(keys)) found.set(text, entity);
    return found;
  }

  override async find(data: unknown, scope: Scope): Promise<Entity | Failure> {
    const found = await this.findAll([data], scope);
    return found instanceof Failure ? found : (found[0] as Entity);
  }

  /**
   * The entities that values stand for, looked up together. The first wrong value decides the failure of all, as if they
   * were looked at one after the other (row RL06).
   */
  abstract override findAll(items: readonly unknown[], scope: Scope): Promise<Entity[] | Failure>;

  /** The text of an entity where people choose one (row RL10). */
  displayValue(entity: unknown): string {
    return String(entity);
  }

  /** What a select box offers: what stands for each entity, and its text; at most `limit`. */
  async choices(scope: Scope, limit = this.options.htmlCutoff ?? 1000): Promise<Map<unknown, string>> {
    if (this.options.readOnly === true) return new Map();
    const entities = await this.getQueryset(scope).limit(limit).getMany();
    const shown = entities.map((entity): Awaitable<unknown> => this.show(entity, scope));
    const values = await Promise.all(shown);
    return new Map(entities.map((entity, at) => [values[at], this.displayValue(entity)]));
  }
  /** What a select box shows: the choices, and after {@link EntityRelatedFieldOptions.htmlCutoff} of them an entry that says so. */
  async iterOptions(scope: Scope): Promise<Option[]> {
    const { htmlCutoff: cutoff = 1000, htmlCutoffText = 'More than {count} items...' } = this.options;
    const choices = await this.choices(scope, cutoff);
    const options: Option[] = [...choices].map(([value, label]) => {
      return { kind: 'option', value: value as ChoiceValue, label, disabled: false };
    });
    if (options.length < cutoff) return options;
    const label = formatMessage(htmlCutoffText, { count: options.length });
    return [...options, { kind: 'option', value: 'n/a', label, disabled: true }];
  }
}
