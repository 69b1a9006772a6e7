import { dataSource } from '@rf/orm';
import type { Site } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { userModel } from './user-model.ts';

/** How rows of the project's users are read without TypeORM, which takes several times as long as the query. */
export interface UserColumns {
  readonly table: string;
  /** `u."id" AS "u0", u."password" AS "u1", …` */
  readonly select: string;
  /** A user of the row's columns. */
  hydrate(row: Readonly<Record<string, unknown>>): AbstractUser;
}

const known = new WeakMap<Site, UserColumns>();

/** The columns of a project's user model, worked out once. */
export function userColumns(site: Site): UserColumns {
  let columns = known.get(site);
  if (columns === undefined) {
    columns = readMetadata(site);
    known.set(site, columns);
  }
  return columns;
}

function readMetadata(site: Site): UserColumns {
  const Model = userModel(site);
  const metadata = dataSource(site).getMetadata(Model);
  const columns = metadata.columns.filter((column) => !column.isVirtual && column.relationMetadata === undefined);
  const names = columns.map((column) => column.propertyName);
  return {
    table: `"${metadata.tableName}"`,
    select: columns.map((column, at) => `u."${column.databaseName}" AS "u${at}"`).join(', '),
    hydrate(row) {
      const user = new Model() as AbstractUser & Record<string, unknown>;
      for (let at = 0; at < names.length; at += 1) user[names[at] as string] = row[`u${at}`];
      return user;
    },
  };
}
