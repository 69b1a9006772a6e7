import type { Check, CheckMessage } from '@rf/project';
import type { AuthOptions } from './auth-options.ts';

/** What `rf check --deploy` says of sessions and of attempts to log in. */
export function authChecks(options: AuthOptions): Check {
  return () => {
    const found: CheckMessage[] = [];
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
