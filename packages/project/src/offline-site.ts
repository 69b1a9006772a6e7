import { ImproperlyConfigured } from '@rf/exceptions';
import { dataSourceKey } from '@rf/orm';
import { type Logger, type ResourceKey, type Site, UrlResolver } from '@rf/views';
import type { DataSource } from 'typeorm';
import { consoleLogger } from './console-logger.ts';
import type { Project } from './project.ts';

/**
 * A site without a database, for tools that look at views but do not run them. Its services are not there; what TypeORM knows of
 * the entities is, where it was made. It does not know which services there would be, so it takes all to be there.
 */
export class OfflineSite implements Site {
  readonly settings: Site['settings'];
  readonly urls: UrlResolver;
  readonly logger: Logger;
  readonly secretKey = '';
  readonly secretKeyFallbacks: readonly string[] = [];
  readonly clock: () => number;

  /** @param entities made with `describeEntities`, for views that look up what they name */
  constructor(
    project: Project,
    private readonly entities?: DataSource,
  ) {
    this.settings = project.settings;
    this.urls = new UrlResolver(project.urls);
    this.clock = project.clock;
    this.logger = project.logger ?? consoleLogger;
  }

  resource<T>(key: ResourceKey<T>): T {
    const found = this.optionalResource(key);
    if (found !== undefined) return found;
    throw new ImproperlyConfigured(`${key.name} is not there: the project is not open.`);
  }

  optionalResource<T>(key: ResourceKey<T>): T | undefined {
    return (key as unknown) === dataSourceKey ? (this.entities as T | undefined) : undefined;
  }

  hasResource(): boolean {
    return true;
  }

  translateError(error: unknown): unknown {
    return error;
  }
}
