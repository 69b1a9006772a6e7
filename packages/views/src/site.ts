import type { Settings } from './settings.ts';
import type { UrlResolver } from './url-resolver.ts';

/** Where a project writes its log; Fastify's logger fits. */
export interface Logger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Names one typed service of a {@link Site}. Make it with {@link resourceKey}. */
export interface ResourceKey<T> {
  readonly name: string;
  /** Never set: carries the type. */
  readonly type?: T;
}

/** A new key; two keys of the same name are different. */
export function resourceKey<T>(name: string): ResourceKey<T> {
  return { name };
}

/**
 * One open project: its settings, its URLs, its services. Everything that is not the request's own hangs here, so that
 * two projects can live in one process.
 */
export interface Site {
  readonly settings: Settings;
  readonly urls: UrlResolver;
  readonly logger: Logger;
  /** Signs and derives keys; never leaves the server. */
  readonly secretKey: string;
  /** Former secret keys, still accepted for reading. */
  readonly secretKeyFallbacks: readonly string[];
  /** Milliseconds since 1970; every time window reads it, so a test can set it. */
  readonly clock: () => number;
  /** The service kept under `key`. Throws when no app put it there. */
  resource<T>(key: ResourceKey<T>): T;
  /** The service kept under `key`, or undefined. */
  optionalResource<T>(key: ResourceKey<T>): T | undefined;
  /** True when an app put something under `key`, or would if the project were open. */
  hasResource(key: ResourceKey<unknown>): boolean;
  /**
   * Turns an error of a lower layer into the exception that answers it, or returns it as it is; for instance a lost
   * database into ServiceUnavailable.
   */
  translateError(error: unknown): unknown;
}
