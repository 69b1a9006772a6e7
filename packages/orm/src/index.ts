// Databases
export { createDataSource, type DataSourceSettings, modelFor } from './data-source.ts';
export { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
export { ConnectionWaitError, isDatabaseUnavailable } from './database-unavailable.ts';
export { type QueryLogOptions } from './query-logger.ts';

// The database of a request
export { dataSource, dataSourceKey, type SiteOwner } from './site-database.ts';
export { atomic, db, onCommit, setRollback } from './atomic.ts';
export { type PreparedResult, type PreparedStatement, prepared, rawText } from './prepared.ts';

// Entities
export { DjangoNamingStrategy, snakeCase } from './django-naming-strategy.ts';
export { type EntityClass, substitutable } from './substitutable.ts';
export { isSensitive, sensitive } from './sensitive.ts';
export { type ConstraintKind, type ConstraintViolation, translateConstraintError } from './constraint-error.ts';
