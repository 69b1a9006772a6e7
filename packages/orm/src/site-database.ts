import { resourceKey, type Site } from '@rf/views';
import type { DataSource } from 'typeorm';

/** Under which a project keeps its data source. */
export const dataSourceKey = resourceKey<DataSource>('data source');

/** A site, or what belongs to one: a request. */
export type SiteOwner = Site | { readonly site: Site };

/**
 * The project's data source itself: for work that must commit on its own, whatever becomes of the request's transaction.
 *
 * The embedded database has one connection: such work waits until no transaction is open, so do not await it inside
 * `atomic()`.
 */
export function dataSource(owner: SiteOwner): DataSource {
  return ('site' in owner ? owner.site : owner).resource(dataSourceKey);
}
