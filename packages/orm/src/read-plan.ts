import { ImproperlyConfigured } from '@rf/exceptions';
import {
  type Awaitable,
  BaseSerializer,
  type CompilableClass,
  defaultSettings,
  ListSerializer,
  type Representation,
  SCOPE,
  type Scope,
  type SerializerContext,
  type SerializerOptions,
  type SerializerSettings,
} from '@rf/serializers';
import { type DataSource, type EntityMetadata, SelectQueryBuilder } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { builderCount, builderRows } from './builder-query.ts';
import { planTypes, quoteName } from './column-codec.ts';
import { freshEntities, keyText, missingRelations } from './completion.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import { tableAs } from './join-path.ts';
import { Need } from './need.ts';
import { compileProgram, type ShowRow } from './plan-compiler.ts';
import { layOut, PAGE, type RowLayout, selectList } from './plan-layout.ts';
import { makeProgram, showsItemByItem } from './plan-program.ts';
import { prepared } from './prepared.ts';
import type { PlanRows, PlanSource, ReadOptions } from './read-options.ts';
import { databaseOf } from './related-source.ts';
import { statementName } from './statement-name.ts';
import type { EntityClass } from './substitutable.ts';
import { TableQuery } from './table-query.ts';

/** A serializer class that shows entities. */
export type PlannableClass<S extends BaseSerializer = BaseSerializer> = new (options?: SerializerOptions) => S;

/** What a plan works with: the context of a serializer, or a serializer that stands for all of them. */
export type PlanContext = SerializerContext | BaseSerializer;

/** One page of rows, and how many there are in all. */
export interface Page<Item> {
  readonly count: number;
  readonly results: Item[];
}

const plans = new WeakMap<DataSource, WeakMap<object, ReadPlan[]>>();

/**
 * The read plan of a serializer class on a data source; made once (DESIGN, section 5).
 *
 * @param entity what the rows are; default: the entity of a model serializer
 * @param settings the project's
 * @throws ImproperlyConfigured when it cannot be told what entity the class shows
 */
export function planFor<S extends BaseSerializer>(
  type: PlannableClass<S>,
  dataSource: DataSource,
  entity?: EntityClass,
  settings: SerializerSettings = defaultSettings,
): ReadPlan<S> {
  const shown = entity ?? (type as { entity?: EntityClass }).entity;
  if (shown === undefined) {
    throw new ImproperlyConfigured(
      `${type.name} does not say what entity it shows: write planFor(${type.name}, dataSource, SomeEntity), or extend ModelSerializer(SomeEntity, …).`,
    );
  }
  let ofSource = plans.get(dataSource);
  if (ofSource === undefined) plans.set(dataSource, (ofSource = new WeakMap()));
  let ofType = ofSource.get(type);
  if (ofType === undefined) ofSource.set(type, (ofType = []));
  let plan = ofType.find((made) => made.metadata.target === shown && made.settings === settings);
  if (plan === undefined)
    ofType.push((plan = new ReadPlan(type as PlannableClass, dataSource.getMetadata(shown), settings)));
  return plan as ReadPlan<S>;
}

/** How many texts of other people's queries are kept prepared for each plan. */
const MAX_NAMED = 100;

/**
 * Knows, for one serializer class, which columns and relations its answer takes, and reads exactly these: one statement
 * for a list, whatever its length and however deep its objects are nested. Rows become plain data through one compiled
 * function; entities are made only where code asks for objects.
 */
export class ReadPlan<S extends BaseSerializer = BaseSerializer> {
  readonly #row: RowLayout;
  readonly #selection: Selection;
  readonly #show: ShowRow;
  readonly #showsItemByItem: boolean;
  readonly #tables = new Map<string, TableQuery>();
  readonly #seen = new Map<string, number>();
  #objects: ObjectReader | null = null;
  #relatedNames: readonly string[] | undefined;

  constructor(
    private readonly type: PlannableClass<S>,
    readonly metadata: EntityMetadata,
    readonly settings: SerializerSettings,
  ) {
    const need = new Need(metadata, '');
    need.addKey();
    const compilable = type as unknown as CompilableClass;
    const program = makeProgram(compilable, need, settings);
    this.#row = layOut(need, 't0');
    this.#selection = selectionOf(this.#row);
    this.#show = compileProgram(program, this.#row);
    this.#showsItemByItem = showsItemByItem(compilable);
  }

  /** The rows of a source as the serializer shows them. */
  async list(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<Representation<S>[]> {
    if (!this.#showsItemByItem) return this.#showObjects(await this.entities(source, options, context), context);
    const statement = this.#statement(source, options, this.#selection);
    if (statement === null) return [];
    return this.#shown(await this.#run(statement, context), context);
  }

  /** One page of a source and the number of all its rows, in one statement wherever that is possible. */
  async page(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<Page<Representation<S>>> {
    const rows = this.#rows(source, options);
    if (rows === null) return { count: 0, results: [] };
    if (rows.count === null || rows.where !== '' || !this.#showsItemByItem) {
      const count = await this.count(source, options, context);
      return { count, results: await this.list(source, options, context) };
    }
    const { head, select, from, joins } = readingOf(rows, this.#selection);
    const text =
      `${head}SELECT (${rows.count}) AS "n", ${select} FROM (SELECT 1) "one" ` +
      `LEFT JOIN ${from} ON true${joins}${rows.order}${rows.end}`;
    const found = await this.#run({ ...rows, text }, context);
    const { n } = found[0] as { n: number };
    // The count comes with a row of nulls where the page is empty.
    const key = `c${[...this.#row.node.slots.values()][0] as number}`;
    return { count: n, results: await this.#shown(found[0]?.[key] === null ? [] : found, context) };
  }

  /**
   * The same as {@link list}, with the texts of expressions of each row, exactly as the database writes them: a keyset
   * paginator keeps them as positions.
   *
   * @param source a query, where there are texts
   * @param texts SQL over the query's own alias
   */
  async listWith(
    source: PlanSource,
    options: ReadOptions,
    texts: readonly string[],
    context: PlanContext,
  ): Promise<{ results: Representation<S>[]; texts: (string | null)[][] }> {
    const statement = this.#statement(source, { ...options, texts }, this.#selection);
    if (statement === null) return { results: [], texts: [] };
    const rows = await this.#run(statement, context);
    const found = rows.map((row) => texts.map((_sql, at) => (row[`x${at}`] ?? null) as string | null));
    return { results: await this.#shown(rows, context), texts: found };
  }

  /** The number of rows of a source. */
  async count(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<number> {
    const { where } = options;
    if (source instanceof SelectQueryBuilder) {
      const counting = builderCount(this.metadata, source, where);
      if (counting === null) return 0;
      return countIn(await this.#run({ ...counting, isFixed: false, readOnly: true }, context));
    }
    const table = this.#table(where === undefined ? {} : { where });
    const values = table.values({ where: where ?? {} }, true);
    return values === null
      ? 0
      : countIn(await this.#run({ text: table.count, values, isFixed: true, readOnly: true }, context));
  }

  /** The first row as the serializer shows it; null when there is none. */
  async one(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<Representation<S> | null> {
    const statement = this.#statement(source, options, this.#selection);
    if (statement === null) return null;
    const rows = await this.#run(statement, context);
    if (rows.length === 0) return null;
    const [shown] = await this.#shown(rows.slice(0, 1), context);
    return shown as Representation<S>;
  }

  /**
   * The rows as entities with all columns and, of related entities, what the serializer needs: showing them takes no
   * other query.
   */
  async entities(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<object[]> {
    const { selection, hydrate } = this.objects;
    const statement = this.#statement(source, options, selection);
    if (statement === null) return [];
    const rows = await this.#run(statement, context);
    return rows.map((values) => hydrate(values) as object);
  }

  /** The first row as an entity, as {@link entities} gives them; null when there is none. */
  async entity(source: PlanSource, options: ReadOptions, context: PlanContext): Promise<object | null> {
    const [entity = null] = await this.entities(source, options, context);
    return entity;
  }

  /**
   * Loads, into entities that came from elsewhere, the relations that showing them takes and that they do not have: one
   * statement for all of them, none when nothing is missing.
   *
   * @returns undoes what only this answer may see
   */
  complete(entities: readonly object[], context: PlanContext): Awaitable<() => void> {
    const { need } = this.objects;
    const { metadata } = this;
    const undo: (() => void)[] = [];
    const fresh = freshEntities(metadata.dataSource);
    for (const entity of entities) {
      if (fresh.has(entity) || keyText(metadata, entity) === null) {
        for (const property of this.#related) showNone(entity as Record<string, unknown>, property, undo);
      }
    }
    const undoAll = (): void => {
      for (const step of undo) step();
    };
    const paths = missingRelations(entities, need);
    return paths.length === 0 ? undoAll : this.#load(entities, paths, context).then(() => undoAll);
  }

  async #load(entities: readonly object[], paths: readonly string[], context: PlanContext): Promise<void> {
    const { metadata } = this;
    const loader = this.objects.loader(paths);
    const columns = metadata.primaryColumns;
    const known = entities.filter((entity) => keyText(metadata, entity) !== null);
    if (known.length === 0) return;
    const values = columns.map((column) => known.map((entity) => column.getEntityValue(entity) as unknown));
    const rows = await this.#run({ text: loader.text, values, isFixed: true, readOnly: true }, context);
    const byKey = new Map<string | null, object>();
    for (const row of rows) {
      const loaded = loader.hydrate(row) as object;
      byKey.set(keyText(metadata, loaded), loaded);
    }
    for (const entity of known) {
      const loaded = byKey.get(keyText(metadata, entity));
      if (loaded === undefined) continue;
      for (const path of paths) {
        const relation = metadata.findRelationWithPropertyPath(path) as RelationMetadata;
        relation.setEntityValue(entity, relation.getEntityValue(loaded));
      }
    }
  }

  /** The properties of related objects that nothing can be in while a row is new. */
  get #related(): readonly string[] {
    if (this.#relatedNames === undefined) {
      const { toMany, counts } = this.objects.need;
      const relations = [...[...toMany.values()].map(({ relation }) => relation), ...counts.values()];
      this.#relatedNames = relations.map(({ propertyName }) => propertyName);
    }
    return this.#relatedNames;
  }

  /** What reads objects instead of answers; made when it is first asked for. */
  private get objects(): ObjectReader {
    this.#objects ??= new ObjectReader(this.type as unknown as CompilableClass, this.metadata, this.settings);
    return this.#objects;
  }

  #showObjects(entities: object[], context: PlanContext): Promise<Representation<S>[]> {
    if (context instanceof ListSerializer) return context.toRepresentation(entities) as Promise<Representation<S>[]>;
    const list = new this.type({ instance: entities, many: true, context: contextOf(context) });
    return Promise.resolve(list.represent()) as unknown as Promise<Representation<S>[]>;
  }

  async #shown(rows: readonly unknown[], context: PlanContext): Promise<Representation<S>[]> {
    const scope = this.#scope(context);
    const waiting: PromiseLike<unknown>[] = [];
    const shown = rows.map((row) => this.#show(row, scope, waiting)) as Representation<S>[];
    if (waiting.length > 0) await Promise.all(waiting);
    // A class with a `toRepresentation` of its own may answer later.
    return Promise.all(shown) as Promise<Representation<S>[]>;
  }

  #scope(context: PlanContext): Scope {
    if (context instanceof ListSerializer) return context.child[SCOPE];
    if (context instanceof BaseSerializer) return context[SCOPE];
    return new this.type({ context })[SCOPE];
  }

  #rows(source: PlanSource, options: ReadOptions): (PlanRows & Omit<Statement, 'text'>) | null {
    if (source instanceof SelectQueryBuilder) {
      const rows = builderRows(this.metadata, source, options);
      const readOnly = options.lock !== true && source.expressionMap.lockMode === undefined;
      return rows === null ? null : { ...rows, isFixed: false, readOnly };
    }
    const table = this.#table(options);
    const values = table.values(options);
    if (values === null) return null;
    const { from, page, where, order, end, count, texts } = table;
    return { from, page, where, order, end, count, texts, values, isFixed: true, readOnly: options.lock !== true };
  }

  #table(options: ReadOptions): TableQuery {
    const key = TableQuery.keyOf(options);
    let table = this.#tables.get(key);
    if (table === undefined) this.#tables.set(key, (table = new TableQuery(this.metadata, options)));
    return table;
  }

  #statement(source: PlanSource, options: ReadOptions, selection: Selection): Statement | null {
    const rows = this.#rows(source, options);
    if (rows === null) return null;
    const { where, order, end, texts, values, isFixed, readOnly } = rows;
    const { head, select, from, joins } = readingOf(rows, selection);
    const extra = texts.map((sql, at) => `, ${sql} AS "x${at}"`).join('');
    return {
      text: `${head}SELECT ${select}${extra} FROM ${from}${joins}${where}${order}${end}`,
      values,
      isFixed,
      readOnly,
    };
  }

  async #run({ text, values, isFixed, readOnly }: Statement, context: PlanContext): Promise<Record<string, unknown>[]> {
    const database = databaseOf(contextOf(context), this.type.name);
    const name = isFixed || this.#comesAgain(text) ? statementName(text) : '';
    const { rows } = await prepared(database, { name, text, values, types: planTypes, readOnly });
    return rows;
  }

  /** True for a text that was run before: the server keeps those, but not any number of them. */
  #comesAgain(text: string): boolean {
    const times = this.#seen.get(text);
    if (times === undefined && this.#seen.size >= MAX_NAMED) return false;
    this.#seen.set(text, (times ?? 0) + 1);
    return times !== undefined;
  }
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether the text comes from a small number of them. */
  readonly isFixed: boolean;
  /** Whether it locks nothing. */
  readonly readOnly: boolean;
}

/** What a statement selects and joins to the rows of an entity. */
interface Joined {
  readonly select: string;
  readonly joins: string;
}

/** The same in both forms of a statement; see {@link PAGE}. */
interface Selection extends Joined {
  readonly paged: Joined | null;
}

function selectionOf(row: RowLayout): Selection {
  const { joins, paged } = row;
  return {
    select: selectList(row),
    joins,
    paged: paged === null ? null : { select: selectList(paged), joins: paged.joins },
  };
}

function readingOf({ page, from }: PlanRows, selection: Selection): Joined & { head: string; from: string } {
  const { paged } = selection;
  if (page === null || paged === null) return { ...selection, head: '', from };
  return { ...paged, head: `WITH ${PAGE} AS MATERIALIZED (${page}) `, from: `${PAGE} ${quoteName('t0')}` };
}

/** Reads entities with everything that a serializer class needs of them. */
class ObjectReader {
  readonly need: Need;
  readonly selection: Selection;
  readonly hydrate: Hydrate;
  readonly #loaders = new Map<string, RelationLoader>();

  constructor(type: CompilableClass, metadata: EntityMetadata, settings: SerializerSettings) {
    this.need = new Need(metadata, '');
    this.need.addAllColumns();
    makeProgram(type, this.need, settings);
    const row = layOut(this.need, 't0');
    this.selection = selectionOf(row);
    // Code of the application gets these objects and may store them: only what hangs on them is guarded.
    this.hydrate = hydrator(row, { guards: 'related' });
  }

  /** What loads some of the relations into objects that are there already. */
  loader(paths: readonly string[]): RelationLoader {
    const key = paths.join(' ');
    let loader = this.#loaders.get(key);
    if (loader === undefined) this.#loaders.set(key, (loader = relationLoader(this.need, paths)));
    return loader;
  }
}

interface RelationLoader {
  readonly text: string;
  readonly hydrate: Hydrate;
}

function relationLoader(whole: Need, paths: readonly string[]): RelationLoader {
  const { metadata } = whole;
  const need = new Need(metadata, '');
  need.addKey();
  for (const path of paths) {
    const [one, many, count] = [whole.toOne.get(path), whole.toMany.get(path), whole.counts.get(path)];
    if (one !== undefined) need.toOne.set(path, one);
    if (many !== undefined) need.toMany.set(path, many);
    if (count !== undefined) need.counts.set(path, count);
  }
  const row = layOut(need, 't0');
  const columns = metadata.primaryColumns.map((column) => `${quoteName('t0')}.${quoteName(column.databaseName)}`);
  const types = metadata.primaryColumns.map((column) => metadata.dataSource.driver.normalizeType(column));
  const arrays = types.map((type, at) => `$${at + 1}::${type}[]`);
  const keys =
    columns.length === 1
      ? `${columns[0]} = ANY(${arrays[0]})`
      : `(${columns.join(', ')}) IN (SELECT * FROM unnest(${arrays.join(', ')}))`;
  return {
    text: `SELECT ${selectList(row)} FROM ${tableAs(metadata, 't0')}${row.joins} WHERE ${keys}`,
    hydrate: hydrator(row, { guards: 'related' }),
  };
}

/** Gives an entity an empty list where it has none; `undo` takes it away again. */
function showNone(entity: Record<string, unknown>, property: string, undo: (() => void)[]): void {
  if (Object.hasOwn(entity, property) && entity[property] !== undefined) return;
  entity[property] = [];
  undo.push(() => {
    delete entity[property];
  });
}

function contextOf(context: PlanContext): SerializerContext {
  return context instanceof BaseSerializer ? context.context : context;
}

function countIn(rows: readonly Record<string, unknown>[]): number {
  return (rows[0] as { count: number }).count;
}
