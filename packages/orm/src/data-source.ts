import { writeJSON } from '@rf/serializers';
import pg from 'pg';
import { DataSource, type EntitySubscriberInterface } from 'typeorm';
import { ApplyValueTransformers } from 'typeorm/util/ApplyValueTransformers.js';
import { ConnectionPool } from './connection-pool.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { DjangoNamingStrategy } from './django-naming-strategy.ts';
import { QueryLogger, type QueryLogOptions } from './query-logger.ts';
import { type EntityClass, withSubstitutes } from './substitutable.ts';

export interface DataSourceSettings extends QueryLogOptions {
  /** `postgresql://…`, `pglite://DIRECTORY` or `pglite://memory`. */
  readonly url: string;
  readonly entities: readonly EntityClass[];
  /** What takes the place of a class in relations declared with `substitutable`. */
  readonly substitutes?: ReadonlyMap<EntityClass, EntityClass>;
  /** Told of what happens to entities; runs in the transaction of the event. */
  readonly subscribers?: readonly EntitySubscriberInterface[];
  /** Connections at most; default 10. The embedded database has one. */
  readonly poolSize?: number;
  /** Milliseconds to wait for a connection; default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which a statement is reported as slow; never unless set. */
  readonly slowQueryMs?: number;
  /** How the server's own list of connections calls us. */
  readonly applicationName?: string;
}

/**
 * Opens a database: TypeORM's postgres driver on `pg`, or on an embedded PostgreSQL that `pg` reaches without a network.
 *
 * Names are Django's (see {@link DjangoNamingStrategy}). Close it with `destroy()`.
 * Throws a TypeError for a URL it does not know, and `pg`'s error when the server cannot be reached.
 */
export async function createDataSource(settings: DataSourceSettings): Promise<DataSource> {
  const address = parseDatabaseUrl(settings.url);
  const source = new SubstitutingDataSource(
    {
      type: 'postgres',
      ...(address.kind === 'postgresql' ? { url: address.url } : {}),
      driver: {
        Pool: address.kind === 'postgresql' ? ConnectionPool : await embedded(address.directory, address.from),
        defaults: pg.defaults,
      },
      entities: [...settings.entities],
      namingStrategy: new DjangoNamingStrategy(),
      logger: new QueryLogger(settings),
      // Extensions are made by migrations; opening a database changes nothing in it.
      installExtensions: false,
      uuidExtension: 'pgcrypto',
      poolSize: settings.poolSize ?? 10,
      ...(settings.connectTimeoutMs === undefined ? {} : { connectTimeoutMS: settings.connectTimeoutMs }),
      ...(settings.slowQueryMs === undefined ? {} : { maxQueryExecutionTime: settings.slowQueryMs }),
      ...(settings.applicationName === undefined ? {} : { applicationName: settings.applicationName }),
      poolErrorHandler: (error: Error) => {
        settings.logger?.warn({ error: error.message }, 'a database connection was lost');
      },
    },
    settings.substitutes ?? new Map(),
  );
  await source.initialize();
  source.subscribers.push(...(settings.subscribers ?? []));
  return source;
}

/**
 * What TypeORM knows of entities, for tools that look at them: there is no database behind it, so nothing can be asked.
 *
 * Throws TypeORM's error for entities that make no sense.
 */
export async function describeEntities(
  settings: Pick<DataSourceSettings, 'entities' | 'substitutes'>,
): Promise<DataSource> {
  const source = new SubstitutingDataSource(
    {
      type: 'postgres',
      driver: pg,
      entities: [...settings.entities],
      namingStrategy: new DjangoNamingStrategy(),
      uuidExtension: 'pgcrypto',
    },
    settings.substitutes ?? new Map(),
  );
  await source.buildMetadatas();
  return source;
}

/** The class that stands for `target` in this data source: its substitute, or itself. */
export function modelFor<T extends EntityClass>(source: DataSource, target: T): T {
  const substitute = source instanceof SubstitutingDataSource ? source.substitutes.get(target) : undefined;
  return (substitute ?? target) as T;
}

async function embedded(
  directory: string | null,
  from: string | null,
): Promise<new (options: pg.PoolConfig) => ConnectionPool> {
  // A server on PostgreSQL need not load an embedded one.
  const { PglitePool } = await import('./pglite-pool.ts');
  return class extends PglitePool {
    constructor(options: pg.PoolConfig) {
      super(directory, options, from);
    }
  };
}

class SubstitutingDataSource extends DataSource {
  constructor(
    options: ConstructorParameters<typeof DataSource>[0],
    readonly substitutes: ReadonlyMap<EntityClass, EntityClass>,
  ) {
    super(options);
    keepLargeIntegers(this);
  }

  override buildMetadatas(): Promise<void> {
    return withSubstitutes(this.substitutes, () => super.buildMetadatas());
  }
}

/** TypeORM writes JSON with JSON.stringify, which refuses the bigints that integers beyond a number are. */
function keepLargeIntegers({ driver }: DataSource): void {
  const prepare = driver.preparePersistentValue.bind(driver);
  driver.preparePersistentValue = (value, column) => {
    if (column.type !== 'json' && column.type !== 'jsonb') return prepare(value, column);
    const { transformer } = column;
    const stored: unknown = transformer === undefined ? value : ApplyValueTransformers.transformTo(transformer, value);
    return stored === null || stored === undefined ? stored : writeJSON(stored);
  };
}
