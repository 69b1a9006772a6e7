import { ImproperlyConfigured } from '@rf/exceptions';
import { type EntityClass, parseDatabaseUrl } from '@rf/orm';
import { type Logger, makeSettings, type Settings, type UrlEntry } from '@rf/views';
import type { App } from './app.ts';
import type { EntityHook } from './entity-hooks.ts';

/** What {@link defineProject} takes: the counterpart of Django's `settings.py`. */
export interface ProjectDefinition {
  /** In order: of settings the later app counts more; tables are migrated by dependencies, then in this order. */
  readonly apps: readonly App[];
  /** `postgresql://…`, `pglite://DIRECTORY` or `pglite://memory`. */
  readonly database: string;
  readonly urls: readonly UrlEntry[];
  readonly settings?: Partial<Settings>;
  /** The project's own user model, in place of an app's. One of the apps must have it among its entities. */
  readonly userModel?: EntityClass;
  /** Other models in place of an app's, where the app declares its relations with `substitutable`. */
  readonly substitutes?: ReadonlyMap<EntityClass, EntityClass>;
  /** Signs and derives keys. The environment variable SECRET_KEY unless given; made anew at each start when there is none. */
  readonly secretKey?: string;
  /** Former secret keys, still accepted for reading. */
  readonly secretKeyFallbacks?: readonly string[];
  readonly hooks?: readonly EntityHook[];
  /** Milliseconds since 1970; for tests. */
  readonly clock?: () => number;
  /** Where the project logs; the server's logger unless given. */
  readonly logger?: Logger;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
}

/** A project, complete. It is a value: nothing is opened, nothing is global. */
export interface Project {
  readonly apps: readonly App[];
  readonly database: string;
  readonly urls: readonly UrlEntry[];
  /** Defaults, then the apps', then the project's own. */
  readonly settings: Settings;
  /** The user model in use; undefined when no app has one. */
  readonly userModel: EntityClass | undefined;
  /** Classes that are replaced, and by what. */
  readonly substitutes: ReadonlyMap<EntityClass, EntityClass>;
  /** All entities of all apps, without those replaced. */
  readonly entities: readonly EntityClass[];
  readonly secretKey: string | undefined;
  readonly secretKeyFallbacks: readonly string[];
  readonly hooks: readonly EntityHook[];
  readonly clock: () => number;
  readonly logger: Logger | undefined;
  readonly poolSize: number | undefined;
  /** The app called `label`; undefined when there is none. */
  app(label: string): App | undefined;
  /** The entities of an app, without those replaced. */
  entitiesOf(app: App): readonly EntityClass[];
  /** The app that has `entity`. */
  appOf(entity: EntityClass): App | undefined;
}

/**
 * Puts apps, settings, a database and URLs together.
 *
 * Throws ImproperlyConfigured for two apps of one label, an unknown setting, a user model that no app has, or a database URL that
 * is none.
 */
export function defineProject(definition: ProjectDefinition): Project {
  const { apps } = definition;
  refuseRepeatedLabels(apps);
  try {
    parseDatabaseUrl(definition.database);
  } catch (error) {
    throw new ImproperlyConfigured(`defineProject({ database }): ${(error as Error).message}`);
  }

  const defaultUser = apps.find((app) => app.userModel !== undefined)?.userModel;
  const userModel = definition.userModel ?? defaultUser;
  const substitutes = new Map(definition.substitutes);
  if (defaultUser !== undefined && userModel !== undefined && userModel !== defaultUser) {
    substitutes.set(defaultUser, userModel);
  }

  const entities = new Map<App, readonly EntityClass[]>();
  const project: Project = {
    apps,
    database: definition.database,
    urls: [...definition.urls, ...apps.flatMap((app) => app.urls)],
    settings: makeSettings(Object.assign({}, ...apps.map((app) => app.settings), definition.settings)),
    userModel,
    substitutes,
    get entities() {
      return [...new Set(apps.flatMap((app) => project.entitiesOf(app)))];
    },
    secretKey: definition.secretKey ?? process.env.SECRET_KEY,
    secretKeyFallbacks: definition.secretKeyFallbacks ?? [],
    hooks: [...apps.flatMap((app) => app.hooks), ...(definition.hooks ?? [])],
    clock: definition.clock ?? Date.now,
    logger: definition.logger,
    poolSize: definition.poolSize,
    app: (label) => apps.find((app) => app.label === label),
    entitiesOf(app) {
      let list = entities.get(app);
      if (list === undefined) {
        const declared = typeof app.entities === 'function' ? app.entities(project) : (app.entities ?? []);
        list = declared.filter((entity) => !substitutes.has(entity));
        entities.set(app, list);
      }
      return list;
    },
    appOf: (entity) => apps.find((app) => project.entitiesOf(app).includes(entity)),
  };
  refuseHomelessSubstitutes(project);
  return project;
}

function refuseRepeatedLabels(apps: readonly App[]): void {
  const labels = apps.map((app) => app.label);
  const repeated = labels.find((label, at) => labels.indexOf(label) !== at);
  if (repeated !== undefined) {
    throw new ImproperlyConfigured(`defineProject({ apps }) has two apps with the label ${repeated}; keep one.`);
  }
}

function refuseHomelessSubstitutes(project: Project): void {
  for (const [original, substitute] of project.substitutes) {
    if (project.appOf(substitute) !== undefined) continue;
    throw new ImproperlyConfigured(
      `${substitute.name} takes the place of ${original.name}, but no app of the project has it: ` +
        `write entities: [${substitute.name}] in the defineApp of the app it belongs to.`,
    );
  }
}
