import {
  type DataSource,
  type EntityMetadata,
  type QueryRunner,
  Table,
  TableCheck,
  type TableColumn,
  TableExclusion,
  TableForeignKey,
  TableIndex,
  TableUnique,
} from 'typeorm';

/** One change of the schema, and what takes it back. */
export interface SchemaOperation {
  /** `add library_book.pages`; also makes the name of a migration. */
  readonly summary: string;
  readonly up: readonly string[];
  readonly down: readonly string[];
  /** The entity whose table must be there before: of a new foreign key. */
  readonly needs?: EntityMetadata;
}

/** What cannot be told from the entities alone. */
export interface SchemaQuestions {
  /** Was the column renamed? Otherwise one is dropped and the other added. */
  isRename(table: string, from: string, to: string): Promise<boolean>;
  /** SQL for the value that existing rows get in a new column without default that must not be null. */
  valueForExistingRows(table: string, column: string): Promise<string>;
}

/**
 * Compares tables with entities and works out the statements that make them equal.
 *
 * TypeORM's own comparison goes by the names of constraints, and recreates a column, with the loss of its values, when only its length
 * changes. This one goes by structure, so that hand-written migrations may choose names, and keeps values. It does not
 * see what entities cannot express: indexes with operator classes or over expressions, and whether an existing foreign
 * key is deferrable when the entity does not say.
 */
export class SchemaComparison {
  readonly #operations: SchemaOperation[] = [];

  private constructor(
    private readonly runner: QueryRunner,
    private readonly tables: ReadonlyMap<string, Table>,
    private readonly questions: SchemaQuestions,
  ) {}

  /** The operations that bring the tables of `metadatas` to their entities. Nothing is executed. */
  static async run(
    runner: QueryRunner,
    metadatas: readonly EntityMetadata[],
    questions: SchemaQuestions,
  ): Promise<SchemaOperation[]> {
    const tables = await loadTables(runner, metadatas);
    const comparison = new SchemaComparison(runner, tables, questions);
    runner.enableSqlMemory();
    try {
      await comparison.#compare(metadatas);
    } finally {
      runner.disableSqlMemory();
    }
    return comparison.#operations;
  }

  get #source(): DataSource {
    return this.runner.dataSource;
  }

  async #compare(metadatas: readonly EntityMetadata[]): Promise<void> {
    const existing: (readonly [EntityMetadata, Table])[] = [];
    for (const metadata of metadatas) {
      const table = this.tables.get(metadata.tableName);
      if (table !== undefined) existing.push([metadata, table]);
    }
    const added = metadatas.filter((metadata) => !this.tables.has(metadata.tableName));

    // First what stands in the way, then columns, then what leans on them; foreign keys last, when every table is there.
    for (const [metadata, table] of existing) await this.#dropForeignKeys(metadata, table);
    for (const [metadata, table] of existing) await this.#dropConstraints(metadata, table);
    for (const metadata of added) await this.#createTable(metadata);
    for (const [metadata, table] of existing) await this.#compareColumns(metadata, table);
    for (const [metadata, table] of existing) await this.#addConstraints(metadata, table);
    for (const metadata of metadatas) await this.#addForeignKeys(metadata);
  }

  /** Notes what `work` would have run. */
  async #note(summary: string, work: () => Promise<unknown>, needs?: EntityMetadata): Promise<void> {
    await work();
    const { upQueries, downQueries } = this.runner.getMemorySql();
    const up = upQueries.map(({ query }) => tidy(query));
    const down = downQueries.map(({ query }) => tidy(query)).reverse();
    this.runner.clearSqlMemory();
    if (up.length > 0) this.#operations.push({ summary, up, down, ...(needs && { needs }) });
  }

  async #dropForeignKeys(metadata: EntityMetadata, table: Table): Promise<void> {
    const surplus = table.foreignKeys.filter(
      (key) => !metadata.foreignKeys.some((each) => sameForeignKey(each, key, metadata)),
    );
    for (const key of surplus) {
      await this.#note(`alter ${table.name}`, () => this.runner.dropForeignKey(table, key));
    }
  }

  async #dropConstraints(metadata: EntityMetadata, table: Table): Promise<void> {
    // A join table that has more than the relation needs, such as an id of its own, is fine.
    if (metadata.isJunction) return;
    const wanted = Table.create(metadata, this.#source.driver);
    const uniqueSets = uniqueColumnSets(wanted);
    const uniques = table.uniques.filter((each) => !uniqueSets.some((columns) => sameSet(columns, each.columnNames)));
    for (const unique of uniques) {
      await this.#note(`alter ${table.name}`, () => this.runner.dropUniqueConstraint(table, unique));
    }
    const isKept = keptIndexes(metadata, wanted);
    for (const index of table.indices.filter((each) => !isKept(each))) {
      await this.#note(`drop index ${index.name}`, () => this.runner.dropIndex(table, index));
    }
    const checks = table.checks.filter((each) => !wanted.checks.some(({ name }) => name === each.name));
    for (const check of checks) {
      await this.#note(`alter ${table.name}`, () => this.runner.dropCheckConstraint(table, check));
    }
    const exclusions = table.exclusions.filter((each) => !wanted.exclusions.some(({ name }) => name === each.name));
    for (const exclusion of exclusions) {
      await this.#note(`alter ${table.name}`, () => this.runner.dropExclusionConstraint(table, exclusion));
    }
  }

  async #createTable(metadata: EntityMetadata): Promise<void> {
    const table = Table.create(metadata, this.#source.driver);
    table.indices.push(...foreignKeyIndexes(metadata, table));
    await this.#note(`create ${metadata.tableName}`, () => this.runner.createTable(table, false, false, true));
  }

  async #compareColumns(metadata: EntityMetadata, table: Table): Promise<void> {
    const wanted = Table.create(metadata, this.#source.driver).columns;
    const names = new Set(wanted.map(({ name }) => name));
    const surplus = metadata.isJunction ? [] : table.columns.filter(({ name }) => !names.has(name));
    const missing = wanted.filter(({ name }) => table.findColumnByName(name) === undefined);
    const common = wanted.filter((column) => !missing.includes(column));
    await this.#renameColumn(table, surplus, missing);

    for (const column of surplus) {
      await this.#note(`remove ${table.name}.${column.name}`, () => this.runner.dropColumn(table, column));
    }
    for (const column of missing) await this.#addColumn(table, column);
    for (const column of common) await this.#changeColumn(metadata, table, column);
    if (!metadata.isJunction) await this.#changePrimaryKey(table, wanted);
  }

  /** Asks about one column gone and one of the same type come; takes both off the lists when it was renamed. */
  async #renameColumn(table: Table, surplus: TableColumn[], missing: TableColumn[]): Promise<void> {
    const [from] = surplus;
    const [to] = missing;
    if (from === undefined || to === undefined || surplus.length > 1 || missing.length > 1) return;
    if (from.type !== to.type || from.isNullable !== to.isNullable || from.isPrimary || to.isPrimary) return;
    if (!(await this.questions.isRename(table.name, from.name, to.name))) return;
    surplus.length = 0;
    missing.length = 0;
    const renamed = from.clone();
    renamed.name = to.name;
    await this.#note(`rename ${table.name}.${from.name} to ${to.name}`, () =>
      this.runner.renameColumn(table, from, renamed),
    );
  }

  async #addColumn(table: Table, column: TableColumn): Promise<void> {
    // Its own UNIQUE comes with the other constraints.
    const plain = column.clone();
    plain.isUnique = false;
    const summary = `add ${table.name}.${column.name}`;
    const hasValue =
      plain.isNullable || plain.isGenerated || plain.generatedType !== undefined || (plain.default ?? null) !== null;
    if (hasValue) return this.#note(summary, () => this.runner.addColumn(table, plain));

    const value = await this.questions.valueForExistingRows(table.name, column.name);
    const withDefault = plain.clone();
    withDefault.default = value;
    await this.#note(summary, async () => {
      await this.runner.addColumn(table, withDefault);
      const added = table.findColumnByName(column.name) as TableColumn;
      await this.runner.changeColumn(table, added, plain);
    });
  }

  async #changeColumn(metadata: EntityMetadata, table: Table, wanted: TableColumn): Promise<void> {
    const current = table.findColumnByName(wanted.name);
    const column = metadata.findColumnWithDatabaseName(wanted.name);
    if (current === undefined || column === undefined) return;
    const { driver } = this.#source;
    // Keys and unique constraints are compared by themselves.
    const comparable = current.clone();
    comparable.isPrimary = column.isPrimary;
    comparable.isUnique = driver.normalizeIsUnique(column);
    comparable.enumName ??= column.enumName;
    if (driver.findChangedColumns([comparable], [column]).length === 0) return;

    const summary = `alter ${table.name}.${wanted.name}`;
    const target = wanted.clone();
    target.isPrimary = current.isPrimary;
    target.isUnique = current.isUnique;
    const isConverted =
      target.generatedType === undefined &&
      target.type !== 'enum' &&
      driver.createFullType(current) !== driver.createFullType(target);
    if (isConverted) this.#convert(summary, table, current, target);
    await this.#note(summary, () => this.runner.changeColumn(table, current, target));
  }

  /** Changes the type in place, values and all. */
  #convert(summary: string, table: Table, current: TableColumn, target: TableColumn): void {
    const { driver } = this.#source;
    const name = driver.escape(table.name);
    const column = driver.escape(current.name);
    const statement = (type: string) =>
      `ALTER TABLE ${name} ALTER COLUMN ${column} TYPE ${type} USING ${column}::${type}`;
    const [from, to] = [driver.createFullType(current), driver.createFullType(target)];
    // A default of the former type may not fit the new one.
    const hasDefault = (current.default ?? null) !== null && current.type !== target.type;
    this.#operations.push({
      summary,
      up: [...(hasDefault ? [`ALTER TABLE ${name} ALTER COLUMN ${column} DROP DEFAULT`] : []), statement(to)],
      down: [
        statement(from),
        ...(hasDefault ? [`ALTER TABLE ${name} ALTER COLUMN ${column} SET DEFAULT ${current.default}`] : []),
      ],
    });
    if (hasDefault) current.default = undefined;
    const { type, length, precision, scale, isArray } = target;
    Object.assign(current, { type, length, precision, scale, isArray });
  }

  async #changePrimaryKey(table: Table, wanted: readonly TableColumn[]): Promise<void> {
    const target = wanted.filter(({ isPrimary }) => isPrimary);
    const current = table.columns.filter(({ isPrimary }) => isPrimary);
    if (sameSet(namesOf(target), namesOf(current))) return;
    await this.#note(`alter ${table.name}`, () => this.runner.updatePrimaryKeys(table, target));
  }

  async #addConstraints(metadata: EntityMetadata, table: Table): Promise<void> {
    const wanted = Table.create(metadata, this.#source.driver);
    const existing = uniqueColumnSets(table);
    if (!metadata.isJunction) {
      for (const unique of metadata.uniques.map((each) => TableUnique.create(each))) {
        if (existing.some((columns) => sameSet(columns, unique.columnNames))) continue;
        await this.#note(`alter ${table.name}`, () => this.runner.createUniqueConstraint(table, unique));
      }
    }
    for (const index of [...wanted.indices, ...foreignKeyIndexes(metadata, table)]) {
      if (table.indices.some((each) => sameIndex(each, index))) continue;
      if (index.isUnique && existing.some((columns) => sameSet(columns, index.columnNames)) && !index.where) continue;
      await this.#note(`index ${table.name}`, () => this.runner.createIndex(table, index));
    }
    for (const check of metadata.checks.map((each) => TableCheck.create(each))) {
      if (table.checks.some(({ name }) => name === check.name)) continue;
      await this.#note(`alter ${table.name}`, () => this.runner.createCheckConstraint(table, check));
    }
    for (const exclusion of metadata.exclusions.map((each) => TableExclusion.create(each))) {
      if (table.exclusions.some(({ name }) => name === exclusion.name)) continue;
      await this.#note(`alter ${table.name}`, () => this.runner.createExclusionConstraint(table, exclusion));
    }
  }

  async #addForeignKeys(metadata: EntityMetadata): Promise<void> {
    const existing = this.tables.get(metadata.tableName);
    const table = existing ?? Table.create(metadata, this.#source.driver);
    for (const key of metadata.foreignKeys) {
      if (existing?.foreignKeys.some((each) => sameForeignKey(key, each, metadata))) continue;
      const foreignKey = TableForeignKey.create(key, this.#source.driver);
      const summary = existing === undefined ? `create ${table.name}` : `alter ${table.name}`;
      const create = () => this.runner.createForeignKey(table, foreignKey);
      await this.#note(summary, create, key.referencedEntityMetadata);
    }
  }
}

/** TypeORM leaves gaps where an option is not used. */
function tidy(sql: string): string {
  return sql.replace(/("(?:[^"]|"")*"|'(?:[^']|'')*')|\s+/g, (_gap, quoted?: string) => quoted ?? ' ').trim();
}

type ForeignKeyMetadata = EntityMetadata['foreignKeys'][number];

/** The tables as they are, without what entities cannot express. */
async function loadTables(runner: QueryRunner, metadatas: readonly EntityMetadata[]): Promise<Map<string, Table>> {
  const names = metadatas.map(({ tableName }) => tableName);
  const tables = names.length === 0 ? [] : await runner.getTables(names);
  const rows: { name: string }[] = await runner.query(`
    SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indexprs IS NOT NULL
       OR EXISTS (SELECT 1 FROM pg_opclass o WHERE o.oid = ANY (x.indclass) AND NOT o.opcdefault)`);
  const special = new Set(rows.map(({ name }) => name));
  for (const table of tables) table.indices = table.indices.filter(({ name }) => !special.has(name ?? ''));
  return new Map(tables.map((table) => [bareName(table.name), table]));
}

function sameForeignKey(wanted: ForeignKeyMetadata, found: TableForeignKey, { isJunction }: EntityMetadata): boolean {
  const action = (value: string | undefined) => value ?? 'NO ACTION';
  return (
    sameList(wanted.columnNames, found.columnNames) &&
    bareName(wanted.referencedTablePath) === bareName(found.referencedTableName) &&
    sameList(wanted.referencedColumnNames, found.referencedColumnNames) &&
    // TypeORM has join tables cascade unless told otherwise; Django's do not.
    (isJunction || action(wanted.onDelete) === action(found.onDelete)) &&
    (isJunction || action(wanted.onUpdate) === action(found.onUpdate)) &&
    (wanted.deferrable === undefined || wanted.deferrable === found.deferrable)
  );
}

/** Sets of columns over which rows must differ, by constraint or by index. */
function uniqueColumnSets(table: Table): readonly string[][] {
  const indexes = table.indices.filter((index) => index.isUnique && !index.where);
  return [...table.uniques, ...indexes].map(({ columnNames }) => columnNames);
}

function keptIndexes(metadata: EntityMetadata, wanted: Table): (index: TableIndex) => boolean {
  const byHand = metadata.indices.filter(({ synchronize }) => !synchronize).map(({ name }) => name);
  const uniqueSets = uniqueColumnSets(wanted);
  return (index) =>
    byHand.includes(index.name ?? '') ||
    wanted.indices.some((each) => sameIndex(each, index)) ||
    // Which of the two ways makes rows differ is a matter of taste.
    (index.isUnique && !index.where && uniqueSets.some((columns) => sameSet(columns, index.columnNames))) ||
    // Foreign keys are indexed, and an index more on their columns does no harm.
    (!index.isUnique && metadata.foreignKeys.some(({ columnNames }) => sameSet(columnNames, index.columnNames)));
}

/** As Django does: PostgreSQL does not index the columns of a foreign key, and every deletion of a target looks there. */
function foreignKeyIndexes(metadata: EntityMetadata, table: Table): TableIndex[] {
  const leading = [
    table.columns.filter(({ isPrimary }) => isPrimary).map(({ name }) => name),
    ...metadata.uniques.map((unique) => unique.columns.map((column) => column.databaseName)),
    ...metadata.indices.map((index) => index.columns.map((column) => column.databaseName)),
    ...table.indices.filter(({ where }) => !where).map(({ columnNames }) => columnNames),
  ];
  return metadata.foreignKeys
    .filter(
      ({ columnNames }) => !leading.some((columns) => sameList(columns.slice(0, columnNames.length), columnNames)),
    )
    .map(({ columnNames }) => {
      const name = metadata.connection.namingStrategy.indexName(metadata.tableName, columnNames);
      return new TableIndex({ name, columnNames: [...columnNames] });
    });
}

function sameIndex(a: TableIndex, b: TableIndex): boolean {
  return (
    a.isUnique === b.isUnique &&
    sameSet(a.columnNames, b.columnNames) &&
    Boolean(a.where) === Boolean(b.where) &&
    // PostgreSQL writes a condition its own way, so two partial indexes are told apart by name.
    (!a.where || a.name === b.name)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}

function namesOf(columns: readonly TableColumn[]): string[] {
  return columns.map(({ name }) => name);
}

function bareName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
