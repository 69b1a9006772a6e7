import type { EntityManager } from 'typeorm';
import { planTypes } from './column-codec.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import { defaultOrder, entityConditions, orderList, tableAs } from './join-path.ts';
import type { Need } from './need.ts';
import { columnExpression, layOut, selectList } from './plan-layout.ts';
import { prepared } from './prepared.ts';
import { statementName } from './statement-name.ts';

/** Reads entities by the values of a property. */
export class EntityStatement {
  readonly #one: string;
  readonly #many: string;
  readonly #hydrate: Hydrate;

  /** @param adds whether the property is to be in the entities as well; false where the need has it already */
  constructor(need: Need, path: string, adds = true) {
    const source = need.resolve(path.split('.'));
    if (source.kind !== 'column') throw new Error(`${need.metadata.name} has no column ${path}.`);
    if (adds) need.addPath(path, '');
    const row = layOut(need, 't0');
    const column = columnExpression(row, source);
    const conditions = entityConditions(need.metadata, 't0').map((condition) => ` AND ${condition}`);
    const select = `SELECT ${selectList(row)} FROM ${tableAs(need.metadata, 't0')}${row.joins} WHERE `;
    const order = ` ORDER BY ${orderList(defaultOrder(need.metadata), 't0')}`;
    this.#one = `${select}${column} = $1${conditions.join('')}${order}`;
    this.#many = `${select}${column} = ANY($1)${conditions.join('')}${order}`;
    this.#hydrate = hydrator(row, { guards: 'none' });
  }

  async find(manager: EntityManager, values: readonly unknown[]): Promise<object[]> {
    const [value] = values;
    const text = values.length === 1 ? this.#one : this.#many;
    const { rows } = await prepared(manager, {
      name: statementName(text),
      text,
      values: [values.length === 1 ? value : values],
      types: planTypes,
      readOnly: true,
    });
    return rows.map((row) => this.#hydrate(row) as object);
  }
}
