import { resourceKey, type Site } from '@rf/views';
import { Blacklist } from './blacklist.ts';
import type { KeyRing } from './key-ring.ts';
import { type JwtOptions, type ResolvedJwtOptions, resolveJwtOptions } from './options.ts';
import type { TokenContext } from './token-context.ts';
import { RemoteKeyRing } from './remote-key-ring.ts';
import { SettingsKeyRing } from './settings-key-ring.ts';
import { TableKeyRing } from './table-key-ring.ts';
import { TokenBackend } from './token-backend.ts';

/** Under which `jwt()` puts its service. */
export const jwtResource = resourceKey<JwtService>('@rf/jwt');

/** What tokens need of one project: options, keys, signatures and tables. */
export class JwtService {
  readonly keys: KeyRing;
  readonly backend: TokenBackend;
  readonly blacklist: Blacklist;

  readonly options: ResolvedJwtOptions;
  #otherLifetime = 0;

  /**
   * A project has the one that `jwt()` made; another may verify tokens of a second issuer by hand.
   *
   * Throws ImproperlyConfigured for options that cannot work together.
   */
  constructor(
    readonly site: Site,
    given: JwtOptions,
  ) {
    const options = resolveJwtOptions(given);
    this.options = options;
    this.keys = makeKeyRing(site, options);
    this.backend = new TokenBackend(this.keys, {
      issuer: options.issuer,
      audience: options.audience,
      leeway: options.leeway,
      typ: options.typ,
      maxLifetime: options.maxTokenLifetime,
      messages: options.messages,
      clock: site.clock,
    });
    this.blacklist = new Blacklist(site, () => this.now());
  }

  /** Seconds since 1970, with fractions. */
  now(): number {
    return this.site.clock() / 1000;
  }

  /** Tells that the keys also sign tokens of another app, which live for `seconds`: retired keys verify for as long. */
  keepKeysFor(seconds: number): void {
    this.#otherLifetime = Math.max(this.#otherLifetime, seconds);
  }

  /** Seconds after which nothing that a key has signed counts any more. */
  get keyLifetime(): number {
    const { accessTokenLifetime, refreshTokenLifetime, slidingTokenRefreshLifetime, leeway } = this.options;
    const own = [accessTokenLifetime, refreshTokenLifetime, slidingTokenRefreshLifetime];
    return Math.max(...own, this.#otherLifetime) + leeway;
  }

  /** Reads the keys of the settings. Throws ImproperlyConfigured when one is missing or weak. */
  async open(): Promise<void> {
    if (this.keys instanceof SettingsKeyRing) await this.keys.open();
  }
}

function makeKeyRing(site: Site, options: ResolvedJwtOptions): KeyRing {
  const { keys, jwksUrl, jwksFetch, algorithm } = options;
  if (keys === 'table') return new TableKeyRing(site);
  if (jwksUrl === undefined) return new SettingsKeyRing(site, options);
  return new RemoteKeyRing(jwksUrl, algorithm, site.logger, jwksFetch);
}

/** The service of a project. Throws when the project lists no `jwt()` app. */
export function jwtService(context: TokenContext): JwtService {
  return ('site' in context ? context.site : context).resource(jwtResource);
}
