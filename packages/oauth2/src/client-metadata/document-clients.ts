import type { AbstractUser } from '@rf/auth';
import { Throttled } from '@rf/exceptions';
import { db } from '@rf/orm';
import { resourceKey, type Site } from '@rf/views';
import { OAuth2Client } from '../client.ts';
import { findClient, newClient } from '../clients.ts';
import { ExpiringCache } from '../expiring-cache.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import type { OAuth2Provider } from '../provider.ts';
import type { DescribedClient } from '../registration/client-metadata.ts';
import { checkStrangersScopes, limitsOf } from '../registration/registration-options.ts';
import { looksLikeClientIdUrl, readClientIdUrl } from './client-id-url.ts';
import { readDocument } from './document.ts';
import { DocumentFailure } from './document-failure.ts';
import type { ResolvedDocumentOptions } from './document-options.ts';
import { fetchDocument } from './fetch-document.ts';

/** Under which `oauth2()` puts its {@link DocumentClients}, where such clients are let in. */
export const documentClientsResource = resourceKey<DocumentClients>('@rf/oauth2 document clients');

/** Clients with a metadata document of a project; null where there are none. */
export const documentClients = (site: Site): DocumentClients | null =>
  site.optionalResource(documentClientsResource) ?? null;

/** False for a client with a document that is not let in any more: the option was taken back, or no longer has its host. */
export const isLetIn = (site: Site, client: OAuth2Client): boolean =>
  client.source !== 'document' || documentClients(site)?.letsIn(client.clientId) === true;

/** Where the host says nothing. */
const USUAL_CACHE_SECONDS = 3600;
/** How long an address that failed is not asked again. */
const REST_MS = 30_000;
const MAX_FAILED = 10_000;
/** Documents that are fetched in a minute for one user, and from one host. */
const FETCHES = { user: 20, host: 60 };
const MINUTE_MS = 60_000;

/** Clients whose id is the address of a document about them (OA21). Each has a row, which its document refreshes. */
export class DocumentClients {
  readonly #running = new Map<string, Promise<boolean>>();
  readonly #failed = new ExpiringCache<true>(MAX_FAILED);

  constructor(
    private readonly provider: OAuth2Provider,
    private readonly options: ResolvedDocumentOptions,
  ) {}

  /** Throws ImproperlyConfigured for scopes of the options that there are not. */
  checkScopes(): void {
    checkStrangersScopes('clientIdMetadataDocuments', this.options, this.provider.scopeNames);
  }

  /** Whether an id is an address that a client of this project may have. */
  letsIn(clientId: string): boolean {
    return this.#read(clientId) !== null;
  }

  /** True for the id of a client whose document must be looked at before the client is used. */
  async isDue(clientId: string): Promise<boolean> {
    if (!looksLikeClientIdUrl(clientId) || !this.letsIn(clientId)) return false;
    const client = await findClient(db(this.provider.site), clientId);
    if (client === null) return true;
    if (client.source !== 'document' || !client.active) return false;
    return client.documentExpires === null || client.documentExpires <= this.provider.now();
  }

  /**
   * Fetches the document and refreshes the client's row.
   *
   * @param user who wants to use the client; strangers make us fetch nothing
   * Throws OAuth2Error `invalid_request`, with the words for any client that is not known, and Throttled.
   */
  async refresh(clientId: string, user: AbstractUser): Promise<void> {
    const url = this.#read(clientId);
    if (url === null || this.#failed.get(clientId, this.#now) !== undefined) throw unknownClient();
    let running = this.#running.get(clientId);
    if (running === undefined) {
      if (this.#running.size >= this.options.maxFetches) throw new Throttled(1);
      running = this.#start(clientId, url, user).finally(() => this.#running.delete(clientId));
      this.#running.set(clientId, running);
    }
    if (!(await running)) throw unknownClient();
  }

  get #now(): number {
    return this.provider.site.clock();
  }

  #read(clientId: string): URL | null {
    const url = readClientIdUrl(clientId);
    const { hosts } = this.options;
    return url !== null && (hosts === null || hosts.some((host) => isHostOf(url, host))) ? url : null;
  }

  /** False when there is no such client. */
  async #start(clientId: string, url: URL, user: AbstractUser): Promise<boolean> {
    await this.provider.count(`document_user_${user.id}`, FETCHES.user, MINUTE_MS);
    await this.provider.count(`document_host_${url.hostname}`, FETCHES.host, MINUTE_MS);
    try {
      const { value, maxAge } = await fetchDocument(url, this.options);
      await this.#store(
        clientId,
        readDocument(value, clientId, limitsOf(this.options, this.provider.scopeNames)),
        maxAge ?? USUAL_CACHE_SECONDS,
      );
      return true;
    } catch (error) {
      if (!(error instanceof DocumentFailure || error instanceof OAuth2Error)) throw error;
      this.#failed.set(clientId, true, this.#now, this.#now + REST_MS);
      this.provider.site.logger.info(
        { scheme: 'oauth2', client: clientId, reason: error.message },
        'The document of a client cannot be used',
      );
      return false;
    }
  }

  async #store(clientId: string, described: DescribedClient, maxAge: number): Promise<void> {
    const { provider } = this;
    const { minCacheSeconds, maxCacheSeconds } = this.options;
    const documentExpires = provider.later(Math.max(minCacheSeconds, Math.min(maxAge, maxCacheSeconds)));
    const { client } = newClient(provider, { ...described, clientId });
    const row = { source: 'document' as const, about: described.about as object, documentExpires };
    await provider.alone(async (manager) => {
      const { name, clientType, authMethod, grants, redirectUris, postLogoutRedirectUris, scopes, updated } = client;
      const uris = { redirectUris, postLogoutRedirectUris };
      const changes = { name, clientType, authMethod, grants, ...uris, scopes, updated, ...row };
      const { affected } = await manager.update(OAuth2Client, { clientId, source: 'document' }, changes);
      if (affected !== 0) return;
      // Another process may have been quicker, or those who run the provider gave the id to a client of their own.
      const values = { ...client, ...row };
      await manager.createQueryBuilder().insert().into(OAuth2Client).values(values).orIgnore().execute();
    });
  }
}

/** The same for every reason, or it would tell of networks that only we can see. */
const unknownClient = (): OAuth2Error => new OAuth2Error('invalid_request', 'Unknown client.');

const isHostOf = ({ hostname }: URL, host: string): boolean =>
  host.startsWith('.') ? hostname === host.slice(1) || hostname.endsWith(host) : hostname === host;
