import type pg from 'pg';

/** A statement that PostgreSQL parses and plans once for each connection. */
export interface PreparedStatement {
  /** Identifies the statement: the same name must always carry the same text. At most 63 characters. */
  readonly name: string;
  /** SQL with `$1`, `$2` … */
  readonly text: string;
  readonly values?: readonly unknown[];
  /** How values are read; `pg`'s parsers unless given. See {@link rawText}. */
  readonly types?: pg.CustomTypesConfig;
  /**
   * True for a statement that changes nothing, locks nothing and calls no function that does. Outside a transaction it may then share
   * a connection with others, which is much faster, and it is run again when that connection is lost. Default false.
   */
  readonly readOnly?: boolean;
}

export interface PreparedResult<Row> {
  readonly rows: Row[];
  /** Rows read or changed. */
  readonly rowCount: number;
}
