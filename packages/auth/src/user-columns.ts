import { type EntityColumns, entityColumns } from '@rf/orm';
import type { Site } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { userModel } from './user-model.ts';

/** How rows of the project's users are read without TypeORM; their table is called `u` in the query. */
export type UserColumns = EntityColumns<AbstractUser>;

const known = new WeakMap<Site, UserColumns>();

/** The columns of a project's user model, worked out once. */
export function userColumns(site: Site): UserColumns {
  let columns = known.get(site);
  if (columns === undefined) {
    columns = entityColumns(site, userModel(site), 'u');
    known.set(site, columns);
  }
  return columns;
}
