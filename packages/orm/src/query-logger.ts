import { describeError, type Logger as SiteLogger } from '@rf/views';
import type { Logger } from 'typeorm';
import { noteStatement } from './query-count.ts';

/** What a data source tells about its work. */
export interface QueryLogOptions {
  /** Where warnings and slow statements go; nowhere unless set. */
  readonly logger?: SiteLogger;
  /** Every statement also goes to the logger, at level debug. Values never do: they may be secrets. */
  readonly logging?: boolean;
  /** Called with the text of every statement before it runs; for counting in tests. */
  readonly onQuery?: (text: string) => void;
}

/** Hands TypeORM's log to the site's. */
export class QueryLogger implements Logger {
  /** How many statements there were: none came in between while it stays the same. */
  statements = 0;

  constructor(private readonly options: QueryLogOptions) {}

  logQuery(text: string): void {
    this.statements += 1;
    noteStatement(text);
    this.options.onQuery?.(text);
    if (this.options.logging) this.options.logger?.debug({ sql: text }, 'query');
  }

  logQueryError(error: string | Error, text: string): void {
    if (this.options.logging)
      this.options.logger?.debug({ sql: text, error: describeError(error).message }, 'query failed');
  }

  logQuerySlow(milliseconds: number, text: string): void {
    this.options.logger?.warn({ sql: text, milliseconds }, 'slow query');
  }

  logSchemaBuild(): void {}

  logMigration(): void {}

  log(level: 'log' | 'info' | 'warn', message: unknown): void {
    if (level === 'warn') this.options.logger?.warn({}, String(message));
  }
}
