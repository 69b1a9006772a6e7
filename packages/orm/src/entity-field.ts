import type { Choices, Validator } from '@rf/serializers';
import type { EntityClass } from './substitutable.ts';

/** What serializers want to know of a property and TypeORM's column does not say. */
export interface EntityFieldOptions {
  /** Human name as it stands in the middle of a sentence: `ISBN`, `in print`. Default: the property's words in lower case. */
  readonly label?: string;
  readonly helpText?: string;
  /** Text may be empty; a list of related objects may be left out and empty. Default false. */
  readonly blank?: boolean;
  /** The values that are allowed, each with its label: `{ en: 'English' }`, or a list as ChoiceField takes it. */
  readonly choices?: Readonly<Record<string, string>> | Choices;
  /** Least value of a number or decimal. */
  readonly min?: number | string;
  /** Greatest value of a number or decimal. */
  readonly max?: number | string;
  /** Least length of a text. */
  readonly minLength?: number;
  /** False: shown, never written by derived fields. */
  readonly editable?: boolean;
  /** What a text is: its derived field checks it. */
  readonly kind?: 'email' | 'url' | 'slug' | 'ip' | 'file' | 'image';
  /** Of a `file` or `image`: the folder of the storage that its files go to, `covers`. Default: none. */
  readonly uploadTo?: string;
  /** More validators of the derived field. */
  readonly validators?: readonly Validator<never>[];
  /** Says that another row has the value of a unique column. Default: `book with this ISBN already exists.` */
  readonly uniqueMessage?: string;
  /** A default that the database does not know: a value or a function, applied when a row is made. */
  readonly default?: unknown;
  /** The value may stand once for each day of that date property (row VA03). */
  readonly uniqueForDate?: string;
  /** The same for each month of any year. */
  readonly uniqueForMonth?: string;
  /** The same for each year. */
  readonly uniqueForYear?: string;
}

const noOptions: EntityFieldOptions = Object.freeze({});
const declared = new WeakMap<EntityClass, Map<string, EntityFieldOptions>>();
const needed = new WeakMap<EntityClass, Map<string, readonly string[]>>();
const names = new WeakMap<EntityClass, string>();

/**
 * Adds to a column or relation what the derived serializer field should know.
 *
 * ```ts
 * @field({ label: 'ISBN', kind: 'slug' })
 * @Column({ type: 'varchar', length: 13, unique: true })
 * isbn!: string;
 * ```
 */
export function field(options: EntityFieldOptions): PropertyDecorator {
  return (prototype, property) => {
    const own = ownMap(declared, prototype.constructor);
    own.set(String(property), { ...own.get(String(property)), ...options });
  };
}

/**
 * Says which columns and relations a getter or method of an entity reads, so that a read plan loads these and no others:
 * dotted paths, `reviews.length` for a count.
 *
 * ```ts
 * @needs('title', 'publisher.name')
 * get headline() { return `${this.title} (${this.publisher?.name})`; }
 *
 * @needs('title')
 * override toString() { return this.title; }
 * ```
 *
 * Without it the plan loads all columns and no relation.
 */
export function needs(...paths: string[]): MethodDecorator {
  return (prototype, member) => {
    ownMap(needed, prototype.constructor).set(String(member), paths);
  };
}

/** Gives an entity the name that error texts use: `@verboseName('line item')`. Default: the class's words in lower case. */
export function verboseName(name: string): ClassDecorator {
  return (entity) => {
    names.set(entity, name);
  };
}

/** What {@link field} says of a property, in the class or one it extends. */
export function entityField(entity: EntityClass, property: string): EntityFieldOptions {
  return inherited(declared, entity, property) ?? noOptions;
}

/** What {@link needs} says of a member; undefined when nothing. */
export function neededBy(entity: EntityClass, member: string): readonly string[] | undefined {
  return inherited(needed, entity, member);
}

/** The entity's name in a sentence: `book`, `line item`. */
export function entityName(entity: EntityClass): string {
  return names.get(entity) ?? words(entity.name);
}

/** `LineItem` and `lineItem` read `line item`; `line_item` too. */
export function words(name: string): string {
  return name
    .replaceAll('_', ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase();
}

function ownMap<Value>(store: WeakMap<EntityClass, Map<string, Value>>, entity: EntityClass): Map<string, Value> {
  let own = store.get(entity);
  if (own === undefined) store.set(entity, (own = new Map()));
  return own;
}

function inherited<Value>(
  store: WeakMap<EntityClass, Map<string, Value>>,
  entity: EntityClass,
  property: string,
): Value | undefined {
  for (let at: unknown = entity; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    const found = store.get(at)?.get(property);
    if (found !== undefined) return found;
  }
  return undefined;
}
