import { randomUUID } from 'node:crypto';
import { writeJSON } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName, quotePath } from './column-codec.ts';
import { parameterOf, storedColumns } from './column-value.ts';
import { entityField } from './entity-field.ts';
import type { EntityClass } from './substitutable.ts';

/** Values of an entity's own columns and to-one relations, by property. */
export type RowValues = Readonly<Record<string, unknown>>;

/** An INSERT with its parameters. */
export interface InsertStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What one row puts into one column: SQL, or a parameter. */
type Cell = { readonly sql: string } | { readonly value: (values: RowValues) => unknown };

/** Rows with the same properties. */
interface RowShape {
  /** By the name of the column: the column, and the property that has its value. */
  readonly given: ReadonlyMap<string, { readonly column: ColumnMetadata; readonly property: string }>;
}

/** The statement for one row with certain properties, and what its parameters are of the row. */
interface SingleInsertion {
  readonly text: string;
  readonly parameters: readonly ((values: RowValues) => unknown)[];
}

const DEFAULT: Cell = { sql: 'DEFAULT' };

/** Makes the statements that insert rows of an entity. */
export class RowInsertion {
  readonly #target: string;
  readonly #shapes = new Map<string, RowShape>();
  /** Statements for one row, by its properties. */
  readonly #single = new Map<string, SingleInsertion>();

  /** @param returning what the statements give back of each row */
  constructor(
    private readonly metadata: EntityMetadata,
    private readonly returning: string,
  ) {
    this.#target = `INSERT INTO ${quotePath(metadata.tablePath)} AS ${quoteName('t0')}`;
  }

  /** The statement for one row. */
  one(values: RowValues): InsertStatement {
    const key = keyOf(values);
    let known = this.#single.get(key);
    if (known === undefined) {
      const shape = this.#shape(key, values);
      const names = this.#names([shape]);
      const cells = this.#cells(shape, names);
      const what = names.length === 0 ? 'DEFAULT VALUES' : `(${list(names)}) VALUES ${tuple(cells, { parameters: 0 })}`;
      known = { text: this.#text(what), parameters: cells.flatMap((cell) => ('value' in cell ? [cell.value] : [])) };
      this.#single.set(key, known);
    }
    return { text: known.text, values: known.parameters.map((parameter) => parameter(values)) };
  }

  /**
   * The statement for several rows. Where one lacks a property that another has, the column gets what it gets in a row of
   * its own: the entity's default, else DEFAULT, which is not null.
   */
  several(rows: readonly RowValues[]): InsertStatement {
    const keys = rows.map(keyOf);
    const shapes = new Map(keys.map((key, at) => [key, this.#shape(key, rows[at] as RowValues)]));
    const names = this.#names([...shapes.values()]);
    // There is no DEFAULT VALUES for more than one row.
    if (names.length === 0) names.push((this.metadata.columns[0] as ColumnMetadata).databaseName);
    const cells = new Map([...shapes].map(([key, shape]) => [key, this.#cells(shape, names)]));
    const count = { parameters: 0 };
    const tuples: string[] = [];
    const parameters: unknown[] = [];
    for (const [at, values] of rows.entries()) {
      const own = cells.get(keys[at] as string) as readonly Cell[];
      tuples.push(tuple(own, count));
      for (const cell of own) if ('value' in cell) parameters.push(cell.value(values));
    }
    return { text: this.#text(`(${list(names)}) VALUES ${tuples.join(', ')}`), values: parameters };
  }

  #text(what: string): string {
    return `${this.#target} ${what} RETURNING ${this.returning}`;
  }

  #shape(key: string, values: RowValues): RowShape {
    let shape = this.#shapes.get(key);
    if (shape === undefined) {
      const given = new Map<string, { column: ColumnMetadata; property: string }>();
      for (const property of Object.keys(values)) {
        for (const column of storedColumns(this.metadata, property)) {
          // A key that is declared twice, as a property and in a relation, is written once.
          if (!given.has(column.databaseName)) given.set(column.databaseName, { column, property });
        }
      }
      this.#shapes.set(key, (shape = { given }));
    }
    return shape;
  }

  /** The columns that rows give, and those that the entity has defaults for. */
  #names(shapes: readonly RowShape[]): string[] {
    const given = new Set(shapes.flatMap((shape) => [...shape.given.keys()]));
    const defaults = this.metadata.columns.filter(
      (column) => !given.has(column.databaseName) && defaultOf(column) !== null,
    );
    return [...given, ...defaults.map(({ databaseName }) => databaseName)];
  }

  #cells({ given }: RowShape, names: readonly string[]): Cell[] {
    return names.map((name) => {
      const place = given.get(name);
      if (place !== undefined) return { value: (values) => parameterOf(place.column, values[place.property]) };
      const column = this.metadata.columns.find(({ databaseName }) => databaseName === name);
      return (column === undefined ? null : defaultOf(column)) ?? DEFAULT;
    });
  }
}

function keyOf(values: RowValues): string {
  return Object.keys(values).join(' ');
}

function list(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

function tuple(cells: readonly Cell[], count: { parameters: number }): string {
  const places = cells.map((cell) => ('sql' in cell ? cell.sql : `$${(count.parameters += 1)}`));
  return `(${places.join(', ')})`;
}

/**
 * How a column gets its value when none was given; null to leave it to the database. A table that another program made
 * may have no defaults, so those of the entity are sent along.
 */
function defaultOf(column: ColumnMetadata): Cell | null {
  const own = entityField(column.target as EntityClass, column.propertyName).default;
  if (own !== undefined) {
    return { value: () => parameterOf(column, typeof own === 'function' ? (own as () => unknown)() : own) };
  }
  if (column.isVersion) return { value: () => 1 };
  if (column.generationStrategy === 'uuid') return { value: () => randomUUID() };
  if (column.isGenerated || !column.isInsert || column.isVirtualProperty || column.asExpression !== undefined)
    return null;
  const { default: given } = column;
  if (given === undefined || given === null) return null;
  if (typeof given === 'function') return { sql: given() };
  const literal = typeof given === 'object' && !column.isArray ? writeJSON(given) : given;
  return { value: () => literal };
}
