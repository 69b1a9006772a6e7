import { randomBytes } from 'node:crypto';
import { ImproperlyConfigured, ServiceUnavailable } from '@rf/exceptions';
import { atomic, dataSourceKey, isDatabaseUnavailable } from '@rf/orm';
import { type Logger, requestListeners, requestTransaction, type ResourceKey, type Site, UrlResolver } from '@rf/views';
import type { DataSource } from 'typeorm';
import { consoleLogger } from './console-logger.ts';
import { HookSubscriber } from './entity-hooks.ts';
import { openDatabase } from './open-database.ts';
import type { Project } from './project.ts';

/** An open project. */
export interface ProjectSite extends Site {
  readonly project: Project;
  readonly dataSource: DataSource;
  /** Puts a service on the site. Throws when the key is taken. */
  provide<T>(key: ResourceKey<T>, value: T): void;
  /** Runs `callback` when the site closes, the last one first. */
  onClose(callback: () => unknown): void;
  /** Closes what was opened, the database last. A second call does nothing. */
  close(): Promise<void>;
}

/** What may differ from the project's definition for one opening. */
export interface OpenOptions {
  /** Used when the project has none of its own. */
  readonly logger?: Logger;
}

/**
 * Opens a project: its database, then each app's `resources`, then each app's `ready`.
 *
 * Throws what these throw, with everything closed again, and ImproperlyConfigured when NODE_ENV is `production` and the
 * project has no secret key.
 */
export async function openProject(project: Project, options: OpenOptions = {}): Promise<ProjectSite> {
  const logger = project.logger ?? options.logger ?? consoleLogger;
  const secretKey = project.secretKey ?? temporaryKey(logger);
  const urls = new UrlResolver(project.urls);
  const dataSource = await openDatabase(project, { logger, subscribers: [new HookSubscriber(project.hooks)] });

  const site = new OpenSite(project, dataSource, { logger, secretKey, urls });
  try {
    site.provide(dataSourceKey, dataSource);
    site.provide(requestTransaction, (request, handle) => atomic(request, async () => handle()));
    site.provide(requestListeners, []);
    for (const app of project.apps) await app.resources?.(site);
    for (const app of project.apps) await app.ready?.(site);
  } catch (error) {
    await site.close();
    throw error;
  }
  return site;
}

function temporaryKey(logger: Logger): string {
  if (process.env.NODE_ENV === 'production') {
    throw new ImproperlyConfigured(
      'The project has no secret key: set the environment variable SECRET_KEY, or write secretKey: … in defineProject.',
    );
  }
  logger.debug({}, 'SECRET_KEY is not set: this start uses a temporary one');
  return randomBytes(32).toString('base64url');
}

class OpenSite implements ProjectSite {
  readonly settings;
  readonly urls: UrlResolver;
  readonly logger: Logger;
  readonly secretKey: string;
  readonly secretKeyFallbacks;
  readonly clock;
  readonly #resources = new Map<ResourceKey<unknown>, unknown>();
  readonly #closing: (() => unknown)[] = [];
  #closed: Promise<void> | undefined;

  constructor(
    readonly project: Project,
    readonly dataSource: DataSource,
    parts: { logger: Logger; secretKey: string; urls: UrlResolver },
  ) {
    this.settings = project.settings;
    this.clock = project.clock;
    this.secretKeyFallbacks = project.secretKeyFallbacks;
    this.logger = parts.logger;
    this.secretKey = parts.secretKey;
    this.urls = parts.urls;
  }

  provide<T>(key: ResourceKey<T>, value: T): void {
    if (this.#resources.has(key)) {
      throw new ImproperlyConfigured(
        `Two apps provide ${JSON.stringify(key.name)}; a project has one of each service.`,
      );
    }
    this.#resources.set(key, value);
  }

  resource<T>(key: ResourceKey<T>): T {
    if (!this.#resources.has(key)) {
      throw new ImproperlyConfigured(
        `Nothing provides ${JSON.stringify(key.name)} to this project: put the app that does into apps of defineProject. ` +
          `Its apps are: ${this.project.apps.map((app) => app.label).join(', ') || 'none'}.`,
      );
    }
    return this.#resources.get(key) as T;
  }

  optionalResource<T>(key: ResourceKey<T>): T | undefined {
    return this.#resources.get(key) as T | undefined;
  }

  hasResource(key: ResourceKey<unknown>): boolean {
    return this.#resources.has(key);
  }

  translateError(error: unknown): unknown {
    return isDatabaseUnavailable(error) ? new ServiceUnavailable() : error;
  }

  onClose(callback: () => unknown): void {
    this.#closing.push(callback);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      for (const callback of this.#closing.toReversed()) await callback();
    } finally {
      await this.dataSource.destroy();
    }
  }
}
