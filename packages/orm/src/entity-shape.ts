import { ImproperlyConfigured } from '@rf/exceptions';
import { type ColumnOptions, getMetadataArgsStorage, type RelationOptions } from 'typeorm';
import { type EntityFieldOptions, entityField, words } from './entity-field.ts';
import { isSensitive } from './sensitive.ts';
import type { EntityClass } from './substitutable.ts';

/** A column as its decorators declare it. */
export interface ShapeColumn {
  readonly property: string;
  /** Type in PostgreSQL's words, without synonyms: `integer`, `varchar`, `timestamptz` … */
  readonly type: string;
  readonly options: ColumnOptions;
  readonly declared: EntityFieldOptions;
  /** Human name in a sentence. */
  readonly label: string;
  readonly isPrimary: boolean;
  /** True when the database or the ORM makes the value: keys, dates of creation and change, versions. */
  readonly isAutomatic: boolean;
  readonly isCreateDate: boolean;
  readonly isUpdateDate: boolean;
  readonly isNullable: boolean;
  /** True when a row can be made without the value. */
  readonly hasDefault: boolean;
  readonly isUnique: boolean;
  /** True when only code that names it should see it: marked sensitive, or not selected by TypeORM either. */
  readonly isHidden: boolean;
  /** True for the key of a relation that is declared beside it. */
  readonly isJoin: boolean;
  /** True for what is computed and never stored. */
  readonly isVirtual: boolean;
}

/** A relation as its decorators declare it. */
export interface ShapeRelation {
  readonly property: string;
  readonly label: string;
  readonly options: RelationOptions;
  readonly declared: EntityFieldOptions;
  readonly isToMany: boolean;
  /** True for the side that holds the key or the join table: Django's forward relations. */
  readonly isForward: boolean;
  readonly isNullable: boolean;
  readonly isUnique: boolean;
  /** The property of the related class that the key refers to, where it is not the primary one. */
  readonly toField: string | null;
  /** The related class; a substitutable one may be replaced in a data source. */
  target(): EntityClass;
}

/** Properties that are unique together, perhaps only among rows that meet a condition. */
export interface ShapeUnique {
  readonly properties: readonly string[];
  /** SQL over the table's columns. */
  readonly where: string | null;
}

/** What can be known of an entity before there is a data source. */
export interface EntityShape {
  readonly entity: EntityClass;
  /** In the order of declaration. */
  readonly columns: ReadonlyMap<string, ShapeColumn>;
  readonly relations: ReadonlyMap<string, ShapeRelation>;
  /** Sets of two or more, and conditional ones of one. */
  readonly uniques: readonly ShapeUnique[];
}

const shapes = new WeakMap<EntityClass, EntityShape>();

/**
 * What the decorators of an entity say.
 *
 * @throws ImproperlyConfigured for a class that is no entity
 */
export function shapeOf(entity: EntityClass): EntityShape {
  let shape = shapes.get(entity);
  if (shape === undefined) shapes.set(entity, (shape = readShape(entity)));
  return shape;
}

/** Types of one kind under one name. */
const SYNONYMS: Readonly<Record<string, string>> = {
  int: 'integer',
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  serial: 'integer',
  serial4: 'integer',
  smallserial: 'smallint',
  serial2: 'smallint',
  bigserial: 'bigint',
  serial8: 'bigint',
  decimal: 'numeric',
  money: 'numeric',
  real: 'double precision',
  float: 'double precision',
  float4: 'double precision',
  float8: 'double precision',
  bool: 'boolean',
  'character varying': 'varchar',
  character: 'char',
  citext: 'text',
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  datetime: 'timestamp',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
  jsonb: 'json',
  'simple-json': 'json',
  'simple-enum': 'enum',
};

const CLASS_TYPES = new Map<unknown, string>([
  [String, 'varchar'],
  [Number, 'integer'],
  [Boolean, 'boolean'],
  [Date, 'timestamp'],
]);

/** A type's one name. */
export function columnType(type: unknown): string {
  if (typeof type === 'function') return CLASS_TYPES.get(type) ?? type.name;
  return SYNONYMS[String(type)] ?? String(type);
}

const AUTOMATIC_MODES = new Set(['createDate', 'updateDate', 'deleteDate', 'version', 'treeLevel', 'virtual-property']);

function readShape(entity: EntityClass): EntityShape {
  const storage = getMetadataArgsStorage();
  const tree = inheritanceOf(entity);
  const columnArgs = storage.filterColumns(tree);
  const relationArgs = storage.filterRelations(tree);
  if (columnArgs.length === 0) {
    throw new ImproperlyConfigured(
      `${entity.name} is no entity: it has no columns. Write @Entity() above the class and @Column() above its properties.`,
    );
  }
  const uniqueSets = readUniques(tree);
  const isUniqueAlone = (property: string): boolean =>
    uniqueSets.some(({ properties, where }) => where === null && properties.length === 1 && properties[0] === property);

  const relations = new Map<string, ShapeRelation>();
  const joinNames = new Set<string>();
  for (const args of relationArgs) {
    const property = args.propertyName;
    const joins = tree.flatMap((at) => storage.filterJoinColumns(at, property));
    for (const join of joins) if (join.name !== undefined) joinNames.add(join.name);
    const isToMany = args.relationType === 'one-to-many' || args.relationType === 'many-to-many';
    const isForward =
      args.relationType === 'many-to-one' ||
      (args.relationType === 'one-to-one' && joins.length > 0) ||
      (args.relationType === 'many-to-many' && tree.some((at) => storage.findJoinTable(at, property) !== undefined));
    const options = entityField(entity, property);
    relations.set(property, {
      property,
      label: options.label ?? words(property),
      options: args.options,
      declared: options,
      isToMany,
      isForward,
      isNullable: isToMany ? false : args.options.nullable !== false,
      isUnique: (args.relationType === 'one-to-one' && isForward) || isUniqueAlone(property),
      toField:
        joins.find(({ referencedColumnName }) => referencedColumnName !== undefined)?.referencedColumnName ?? null,
      target: () => targetOf(args.type, entity, property),
    });
  }

  const columns = new Map<string, ShapeColumn>();
  for (const args of columnArgs) {
    const { propertyName: property, options, mode } = args;
    const isJoin = joinNames.has(options.name ?? property) || isDefaultJoinColumn(property, relations);
    const declared = entityField(entity, property);
    const isGenerated = tree.some((at) => storage.findGenerated(at, property) !== undefined);
    const isPrimary = options.primary === true;
    columns.set(property, {
      property,
      type: args.mode === 'version' ? 'integer' : columnType(options.type ?? defaultType(mode)),
      options,
      declared,
      label: declared.label ?? (property === 'id' ? 'ID' : words(property)),
      isPrimary,
      isAutomatic:
        isGenerated ||
        AUTOMATIC_MODES.has(mode) ||
        options.generatedIdentity !== undefined ||
        options.asExpression !== undefined,
      isCreateDate: mode === 'createDate',
      isUpdateDate: mode === 'updateDate',
      isNullable: options.nullable === true,
      hasDefault: options.default !== undefined || declared.default !== undefined,
      isUnique: isPrimary || options.unique === true || isUniqueAlone(property),
      isHidden: options.select === false || isSensitive(entity, property),
      isJoin,
      isVirtual: mode === 'virtual-property',
    });
  }
  const uniques = uniqueSets.filter(({ properties, where }) => properties.length > 1 || where !== null);
  return { entity, columns, relations, uniques };
}

/** `publisherId` beside a relation `publisher` is the key of that relation, not a column of its own. */
function isDefaultJoinColumn(property: string, relations: ReadonlyMap<string, ShapeRelation>): boolean {
  const owner = /^(.+?)(?:Id|_id)$/.exec(property)?.[1];
  const relation = owner === undefined ? undefined : relations.get(owner);
  return relation !== undefined && relation.isForward && !relation.isToMany;
}

function defaultType(mode: string): string {
  return mode === 'createDate' || mode === 'updateDate' || mode === 'deleteDate' ? 'timestamp' : 'varchar';
}

/**
 * Sets in the order in which a class reads, its own before inherited ones, constraints before indexes: that of Django's
 * `unique_together` and `constraints`. Decorators of a class run from the last to the first.
 */
function readUniques(tree: readonly EntityClass[]): ShapeUnique[] {
  const storage = getMetadataArgsStorage();
  const sets: ShapeUnique[] = [];
  const add = (columns: unknown, property: string | undefined, where: string | null): void => {
    const properties = property !== undefined ? [property] : propertyList(columns);
    if (properties.length > 0) sets.push({ properties, where });
  };
  const all = [...tree];
  for (const unique of storage.filterUniques(all).reverse()) add(unique.columns, undefined, null);
  for (const index of storage.filterIndices(all).reverse()) {
    if (index.unique === true) add(index.columns, undefined, index.where ?? null);
  }
  return sets;
}

/** `['a', 'b']`, or a function of the entity's properties that gives a list or a map of them. */
function propertyList(columns: unknown): string[] {
  const given = typeof columns === 'function' ? (columns as (map: object) => unknown)(propertyNames) : columns;
  if (Array.isArray(given)) return given.map(String);
  return typeof given === 'object' && given !== null ? Object.keys(given) : [];
}

/** Every property of it is its own name. */
const propertyNames: object = new Proxy({}, { get: (_target, name) => name });

function inheritanceOf(entity: EntityClass): EntityClass[] {
  const tree: EntityClass[] = [];
  for (
    let at: unknown = entity;
    typeof at === 'function' && at !== Function.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    tree.push(at);
  }
  return tree;
}

function targetOf(type: unknown, entity: EntityClass, property: string): EntityClass {
  const target: unknown = typeof type === 'function' && type.prototype === undefined ? (type as () => unknown)() : type;
  if (typeof target === 'function') return target;
  if (typeof target === 'string') {
    const found = getMetadataArgsStorage().tables.find(
      (table) => typeof table.target === 'function' && table.target.name === target,
    )?.target;
    if (typeof found === 'function') return found;
  }
  throw new ImproperlyConfigured(
    `${entity.name}.${property}: its related class is ${String(target)}. Write \`() => OtherEntity\` in the relation's decorator.`,
  );
}
