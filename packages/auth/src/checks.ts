import type { Check, CheckMessage } from '@rf/project';
import type { AuthOptions } from './auth-options.ts';
import { BasicAuthentication } from './basic-authentication.ts';

/** What `rf check --deploy` says of users, sessions and Basic authentication. */
export function authChecks(options: AuthOptions): Check {
  return (project) => {
    const found: CheckMessage[] = [];
    const usesBasic = project.settings.defaultAuthenticationClasses.some(isBasic);
    if (usesBasic) {
      found.push({
        id: 'auth.W001',
        level: 'warning',
        deploy: true,
        message: 'BasicAuthentication sends the password with every request.',
        hint: 'Serve it over https only: behind a proxy that ends TLS, set settings.trustedProxies and redirect http.',
      });
    }
    for (const name of ['session', 'csrf'] as const) {
      if (options[name].secure === false) {
        found.push({
          id: `auth.W002.${name}`,
          level: 'warning',
          deploy: true,
          message: `The ${name} cookie may travel over http.`,
          hint: `Write auth({ ${name}: { secure: true } }), or leave it out for 'auto'.`,
        });
      }
    }
    if (options.loginThrottle === null) {
      found.push({
        id: 'auth.W003',
        level: 'warning',
        deploy: true,
        message: 'Attempts to log in are not limited.',
        hint: 'Leave loginThrottle out of auth() for the defaults.',
      });
    }
    return found;
  };
}

const isBasic = (scheme: abstract new () => object): boolean =>
  scheme === BasicAuthentication || scheme.prototype instanceof BasicAuthentication;
