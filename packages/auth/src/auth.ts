import { ImproperlyConfigured } from '@rf/exceptions';
import { type App, defineApp } from '@rf/project';
import { parseRate, requestListeners } from '@rf/views';
import { type AuthOptions, authOptionsKey, type CookieSettings } from './auth-options.ts';
import { ModelBackend } from './backends.ts';
import { authChecks } from './checks.ts';
import { changePassword } from './commands/change-password.ts';
import { clearSessions } from './commands/clear-sessions.ts';
import { createSuperuserCommand } from './commands/create-superuser.ts';
import { ContentType } from './content-type.ts';
import { Group } from './group.ts';
import { defaultLoginThrottle } from './login-throttle.ts';
import type { LoginThrottleRates } from './login-throttle-rates.ts';
import { Auth0001Initial } from './migrations/0001-initial.ts';
import { Auth0002Sessions } from './migrations/0002-sessions.ts';
import { mendCookies } from './mend-cookies.ts';
import { modelName } from './model-name.ts';
import { createModelRows } from './model-rows.ts';
import { defaultPasswordValidators } from './password-validators.ts';
import { defaultPasswordHashers } from './passwords.ts';
import { Permission } from './permission.ts';
import { ReplayEntry } from './replay-entry.ts';
import { Session } from './session.ts';
import { User } from './user.ts';
import { type UserModel, userModelKey } from './user-model.ts';

/** What `auth()` may be told; everything has a default. */
export interface AuthSettings extends Partial<Omit<AuthOptions, 'session' | 'csrf'>> {
  readonly session?: Partial<AuthOptions['session']>;
  readonly csrf?: Partial<CookieSettings>;
}

const DAY = 24 * 60 * 60;
const WEEK = 7 * DAY;

/** A rate that cannot be read is found when the project is defined, not by the first login. */
function checkRates(rates: LoginThrottleRates | null): void {
  for (const [name, rate] of Object.entries(rates ?? {})) {
    try {
      parseRate(rate);
    } catch (error) {
      throw new ImproperlyConfigured(`auth({ loginThrottle: { ${name} } }): ${(error as Error).message}`);
    }
  }
}

/**
 * Users, groups, permissions and sessions, on Django's tables: put it first among the apps of a project.
 *
 * ```ts
 * defineProject({ apps: [auth(), authtoken(), bookshop], … });
 * ```
 */
export function auth({ session, csrf, ...settings }: AuthSettings = {}): App {
  const cookie = { path: '/', secure: 'auto', sameSite: 'Lax' } as const;
  const options: AuthOptions = {
    backends: [new ModelBackend()],
    passwordHashers: defaultPasswordHashers,
    passwordValidators: defaultPasswordValidators,
    loginThrottle: defaultLoginThrottle,
    csrfTrustedOrigins: [],
    passwordResetTimeout: 3 * DAY,
    ...settings,
    session: { ...cookie, name: 'sessionid', age: 2 * WEEK, idleAge: null, expireAtBrowserClose: false, ...session },
    csrf: { ...cookie, name: 'csrftoken', age: 52 * WEEK, ...csrf },
  };
  checkRates(options.loginThrottle);
  return defineApp({
    label: 'auth',
    userModel: User,
    module: '@rf/auth',
    entities: [ContentType, Permission, Group, User, Session, ReplayEntry],
    migrations: [Auth0001Initial, Auth0002Sessions],
    commands: [createSuperuserCommand, changePassword, clearSessions],
    checks: [authChecks(options)],
    resources(site) {
      site.provide(authOptionsKey, options);
      site.provide(userModelKey, (site.project.userModel ?? User) as UserModel);
      site.resource(requestListeners).push(mendCookies);
    },
    async postMigrate({ project, manager, migratedApps }) {
      const models = migratedApps.flatMap((app) =>
        project
          .entitiesOf(app)
          .filter((entity) => entity !== ReplayEntry)
          .map((entity) => ({ entity, name: modelName(project, entity) })),
      );
      await createModelRows(manager, models);
    },
  });
}
