import { type App, type Check, type CheckMessage, defineApp } from '@rf/project';
import {
  type ResolvedResourceServerOptions,
  type ResourceServerOptions,
  resolveResourceServerOptions,
} from './resource-server-options.ts';
import { introspectorResource, TokenIntrospector } from './token-introspector.ts';

/** Seconds that a revoked token may count without a word about it. */
const LONG_CACHE = 300;

/**
 * An API whose tokens another server gives: put it after `auth()` among the apps of a project (OA15).
 *
 * ```ts
 * defineProject({
 *   apps: [
 *     auth(),
 *     oauth2ResourceServer({
 *       introspectionEndpoint: 'https://login.example.com/oauth2/introspect/',
 *       clientId: 'books-api',
 *       clientSecret: process.env.CLIENT_SECRET ?? '',
 *     }),
 *   ],
 *   settings: { defaultAuthenticationClasses: [OAuth2IntrospectionAuthentication] },
 *   …
 * });
 * ```
 *
 * Throws ImproperlyConfigured for options that cannot work, an endpoint that is not https for instance.
 */
export function oauth2ResourceServer(options: ResourceServerOptions): App {
  const resolved = resolveResourceServerOptions(options);
  return defineApp({
    label: 'oauth2_resource_server',
    checks: [resourceServerChecks(resolved)],
    resources(site) {
      site.provide(introspectorResource, new TokenIntrospector(site, resolved));
    },
  });
}

function resourceServerChecks({ introspectionEndpoint, cacheSeconds }: ResolvedResourceServerOptions): Check {
  return () => {
    const found: (CheckMessage | false)[] = [
      introspectionEndpoint.startsWith('http:') && {
        id: 'oauth2_resource_server.W001',
        level: 'warning',
        deploy: true,
        message: `The introspection endpoint ${introspectionEndpoint} is http, so it must be on this machine.`,
        hint: 'Write its https address, unless the provider or a proxy to it runs here.',
      },
      cacheSeconds > LONG_CACHE && {
        id: 'oauth2_resource_server.W002',
        level: 'warning',
        deploy: true,
        message: `oauth2ResourceServer() lets a revoked token in for up to ${cacheSeconds} seconds.`,
        hint: `Write cacheSeconds: ${LONG_CACHE} or less.`,
      },
    ];
    return found.filter((message) => message !== false);
  };
}
