import { ImproperlyConfigured } from '@rf/exceptions';
import { jwtResource, type JwtService } from '@rf/jwt';
import { oauth2Resource } from '@rf/oauth2';
import { type App, defineApp, type ProjectSite } from '@rf/project';
import { OpenIdProvider, openidResource } from './openid-provider.ts';
import { type OpenIdOptions, resolveOpenIdOptions } from './options.ts';

/**
 * OpenID Connect 1.0 for the provider of `@rf/oauth2`, with the keys of `@rf/jwt`: list it beside both, and {@link openidUrls} at
 * the prefix of `oauth2Urls()` (OA18, OA19).
 *
 * ```ts
 * defineProject({
 *   apps: [
 *     auth(),
 *     oauth2({ scopes: { read: 'Read your books' }, issuer: 'https://login.example.com' }),
 *     jwt({ keys: 'table' }),
 *     openid(),
 *   ],
 *   urls: [authUrls('/accounts/'), oauth2Urls('/oauth2/'), openidUrls('/oauth2/')],
 *   …
 * });
 * ```
 *
 * Opening the project throws ImproperlyConfigured without those apps and URLs, and when `jwt()` has no key pair to sign with.
 */
export function openid(options: OpenIdOptions = {}): App {
  const resolved = resolveOpenIdOptions(options);
  return defineApp({
    label: 'openid',
    ready(site) {
      const oauth2 = site.optionalResource(oauth2Resource);
      const jwt = site.optionalResource(jwtResource);
      if (oauth2 === undefined) throw missingApp('oauth2()');
      if (jwt === undefined) throw missingApp('jwt()');
      checkUrls(site);
      checkKeys(jwt);
      jwt.keepKeysFor(resolved.idTokenLifetime);
      const provider = new OpenIdProvider(oauth2, jwt, resolved);
      site.provide(openidResource, provider);
      oauth2.extend(provider);
    },
  });
}

function missingApp(app: string): ImproperlyConfigured {
  return new ImproperlyConfigured(
    `openid() needs the app ${app}, which the project does not have. Write apps: [auth(), oauth2({ scopes: { … } }), ` +
      "jwt({ keys: 'table' }), openid()] in defineProject().",
  );
}

function checkUrls(site: ProjectSite): void {
  const names = new Set(
    site.urls.routes.filter(({ namespaces }) => namespaces.includes('oauth2')).map(({ name }) => name),
  );
  const urls = { token: 'oauth2Urls', userinfo: 'openidUrls' };
  for (const [name, mounts] of Object.entries(urls)) {
    if (names.has(name)) continue;
    throw new ImproperlyConfigured(
      `openid() is among the apps, but its URLs are not among the urls. Write ${mounts}('/oauth2/') in urls.`,
    );
  }
}

/** Throws ImproperlyConfigured when ID tokens could not be signed. */
function checkKeys({ options }: JwtService): void {
  const { keys, algorithm, signingKey, jwksUrl } = options;
  const isShared = algorithm.startsWith('HS');
  if (keys === 'settings' && (isShared || signingKey === undefined)) {
    const found =
      jwksUrl !== undefined
        ? 'trusts the keys of another issuer'
        : isShared
          ? `has only a shared secret (${algorithm})`
          : 'has no signingKey';
    throw new ImproperlyConfigured(
      `openid() signs ID tokens with a key pair of jwt(), which ${found}. Write jwt({ keys: 'table' }) and run ` +
        "`rf generate-jwt-key --alg RS256`, or write jwt({ algorithm: 'RS256', signingKey: … }).",
    );
  }
}
