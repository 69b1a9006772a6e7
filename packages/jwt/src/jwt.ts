import { type App, defineApp } from '@rf/project';
import { BlacklistedToken } from './blacklisted-token.ts';
import { jwtChecks } from './checks.ts';
import { flushExpiredTokens } from './commands/flush-expired-tokens.ts';
import { generateJwtKey, rotateJwtKey } from './commands/signing-keys.ts';
import { jwtResource, JwtService } from './jwt-service.ts';
import { Jwt0001Initial } from './migrations/0001-initial.ts';
import { Jwt0002Families } from './migrations/0002-families.ts';
import { type JwtOptions, resolveJwtOptions } from './options.ts';
import { OutstandingToken } from './outstanding-token.ts';
import { SigningKey } from './signing-key.ts';

/**
 * JSON Web Tokens: put it after `auth()` among the apps of a project (AU36).
 *
 * ```ts
 * defineProject({ apps: [auth(), jwt({ issuer: 'https://api.example.com' })], … });
 * ```
 *
 * Throws ImproperlyConfigured for options that cannot work together; weak keys are refused when the project opens.
 */
export function jwt(options: JwtOptions = {}): App {
  const resolved = resolveJwtOptions(options);
  return defineApp({
    label: 'jwt',
    entities: [OutstandingToken, BlacklistedToken, SigningKey],
    migrations: [Jwt0001Initial, Jwt0002Families],
    commands: [flushExpiredTokens, generateJwtKey, rotateJwtKey],
    checks: [jwtChecks(resolved)],
    resources(site) {
      site.provide(jwtResource, new JwtService(site, resolved));
    },
    async ready(site) {
      await site.resource(jwtResource).open();
    },
  });
}
