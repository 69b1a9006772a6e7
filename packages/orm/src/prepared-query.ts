import pg from 'pg';
import { serialize } from 'pg-protocol';
import { prepareValue } from './prepare-value.ts';
import type { PreparedResult, PreparedStatement } from './prepared-statement.ts';

/** What a query needs of pg's connection. */
type Connection = pg.Connection & {
  /** Texts of the statements that the server knows on this connection, by name; pg notes them when the server has parsed one. */
  readonly parsedStatements: Record<string, string>;
  /** Texts of those that the server was sent and has not parsed yet: where statements are pipelined, the next may come before. */
  readonly submittedNamedStatements: Record<string, string>;
};

/** How one column of a result becomes a property. */
interface ResultColumn {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** Columns of a statement, as the server described them once. */
interface Description {
  readonly columns: readonly ResultColumn[];
  readonly types: pg.CustomTypesConfig | undefined;
}

interface FieldMessage {
  readonly name: string;
  readonly dataTypeID: number;
}

type Callback<Row> = (error: unknown, result?: PreparedResult<Row>) => void;

const EXECUTE = serialize.execute();
const SYNC = serialize.sync();
const DESCRIBE = serialize.describe({ type: 'P', name: '' });

const described = new WeakMap<pg.Connection, Map<string, Description>>();

/**
 * One run of a prepared statement: what `client.query()` takes, as pg's own queries and cursors.
 *
 * pg asks the server to describe the result every time. A named statement's result stays the same while its plan is good, so here it is
 * described once for a connection, and what remains goes out in one packet.
 */
export class PreparedQuery<Row> implements pg.Submittable {
  // pg notes a statement as parsed under these two names.
  readonly name: string;
  readonly text: string;

  readonly #statement: PreparedStatement;
  readonly #rows: Row[] = [];
  #rowCount = 0;
  #columns: readonly ResultColumn[] = [];
  #error: unknown;

  /** @param callback called once */
  constructor(
    statement: PreparedStatement,
    readonly callback: Callback<Row>,
  ) {
    this.name = statement.name;
    this.text = statement.text;
    this.#statement = statement;
  }

  /** Sends the statement. Returns an error, which pg hands to {@link handleError}, when it cannot be sent. */
  submit(connection: pg.Connection): Error | null {
    const { name, text } = this;
    const { types, values = [] } = this.#statement;
    const { parsedStatements, submittedNamedStatements } = connection as Connection;
    const parsed = parsedStatements[name] ?? submittedNamedStatements[name];
    if (parsed !== undefined && parsed !== text) {
      return new Error(`The statement ${name} was prepared with another text.`);
    }
    const packet: Buffer[] = [];
    try {
      if (parsed === undefined) packet.push(serialize.parse({ name, text }));
      packet.push(serialize.bind({ statement: name, values: values as unknown[], valueMapper: prepareValue }));
    } catch (error) {
      return error as Error;
    }
    const description = parsed === undefined ? undefined : described.get(connection)?.get(name);
    if (description === undefined || description.types !== types) packet.push(DESCRIBE);
    else this.#columns = description.columns;
    packet.push(EXECUTE, SYNC);
    if (parsed === undefined && name !== '') submittedNamedStatements[name] = text;
    connection.stream.write(Buffer.concat(packet));
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: readonly FieldMessage[] }): void {
    const types = this.#statement.types ?? pg.types;
    this.#columns = fields.map((field) => ({
      name: field.name,
      read: types.getTypeParser(field.dataTypeID, 'text') as (text: string) => unknown,
    }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.#error !== undefined) return;
    const columns = this.#columns;
    const row: Record<string, unknown> = {};
    try {
      for (let at = 0; at < columns.length; at += 1) {
        const { name, read } = columns[at] as ResultColumn;
        const text = fields[at] as string | null;
        row[name] = text === null ? null : read(text);
      }
      this.#rows.push(row as Row);
    } catch (error) {
      this.#error = error;
    }
  }

  handleCommandComplete({ text }: { readonly text: string }, connection: pg.Connection): void {
    this.#rowCount = Number(text.slice(text.lastIndexOf(' ') + 1)) || 0;
    if (this.name === '') return;
    let known = described.get(connection);
    if (known === undefined) described.set(connection, (known = new Map()));
    if (known.get(this.name)?.columns !== this.#columns) {
      known.set(this.name, { columns: this.#columns, types: this.#statement.types });
    }
  }

  handleReadyForQuery(): void {
    if (this.#error === undefined) this.callback(null, { rows: this.#rows, rowCount: this.#rowCount });
    else this.callback(this.#error);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleEmptyQuery(): void {}

  handlePortalSuspended(): void {}
}

// Into a pipeline pg lets only queries of its own kind, since others might leave a portal open among those that follow. These do not.
Object.setPrototypeOf(PreparedQuery.prototype, pg.Query.prototype as object);

/** Has the connection prepare a statement anew; pg remembers which names the server knows, and offers no way to take one back. */
export async function forget(client: pg.PoolClient, name: string): Promise<void> {
  await client.query(`DEALLOCATE ${client.escapeIdentifier(name)}`);
  const connection = client.connection as Connection;
  delete connection.parsedStatements[name];
  described.get(connection)?.delete(name);
}
