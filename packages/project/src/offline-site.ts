import { ImproperlyConfigured } from '@rf/exceptions';
import { type Logger, type ResourceKey, type Site, UrlResolver } from '@rf/views';
import { consoleLogger } from './console-logger.ts';
import type { Project } from './project.ts';

/** A site without a database, for tools that look at views but do not run them. Its services are not there. */
export class OfflineSite implements Site {
  readonly settings: Site['settings'];
  readonly urls: UrlResolver;
  readonly logger: Logger;
  readonly secretKey = '';
  readonly secretKeyFallbacks: readonly string[] = [];
  readonly clock: () => number;

  constructor(project: Project) {
    this.settings = project.settings;
    this.urls = new UrlResolver(project.urls);
    this.clock = project.clock;
    this.logger = project.logger ?? consoleLogger;
  }

  resource<T>(key: ResourceKey<T>): T {
    throw new ImproperlyConfigured(`${key.name} is not there: the project is not open.`);
  }

  optionalResource(): undefined {
    return undefined;
  }

  translateError(error: unknown): unknown {
    return error;
  }
}
