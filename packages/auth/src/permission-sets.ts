import { dataSource, prepared } from '@rf/orm';
import type { Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { userModel } from './user-model.ts';

const sets = new WeakMap<AbstractUser, Promise<ReadonlySet<string>>>();

/**
 * The user's own permissions and those of their groups, as `app.codename`; a superuser's are all there are. Read once for each user
 * object.
 */
export function loadPermissions(request: Request, user: AbstractUser): Promise<ReadonlySet<string>> {
  let set = sets.get(user);
  if (set === undefined) {
    set = readPermissions(request, user);
    sets.set(user, set);
  }
  return set;
}

async function readPermissions(request: Request, user: AbstractUser): Promise<ReadonlySet<string>> {
  const permission =
    'SELECT t.app_label, p.codename FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id';
  const { rows } = user.isSuperuser
    ? await prepared<{ app_label: string; codename: string }>(request, {
        name: 'rf_permissions_all',
        text: permission,
        readOnly: true,
      })
    : await prepared<{ app_label: string; codename: string }>(request, {
        name: `rf_permissions_of_${userTables(request).users}`.slice(0, 63),
        text: `${permission} WHERE p.id IN (${ownAndGroups(request)})`,
        values: [user.id],
        readOnly: true,
      });
  return new Set(rows.map((row) => `${row.app_label}.${row.codename}`));
}

function ownAndGroups(request: Request): string {
  const { own, groups, userColumn } = userTables(request);
  return (
    `SELECT permission_id FROM "${own}" WHERE "${userColumn}" = $1 ` +
    'UNION SELECT gp.permission_id FROM auth_group_permissions gp ' +
    `JOIN "${groups}" ug ON ug.group_id = gp.group_id WHERE ug."${userColumn}" = $1`
  );
}

/** The join tables of the project's user model, by metadata: a model of the project's own has its own. */
function userTables(request: Request): { users: string; own: string; groups: string; userColumn: string } {
  const metadata = dataSource(request).getMetadata(userModel(request));
  const junction = (property: string) =>
    metadata.manyToManyRelations.find((relation) => relation.propertyName === property)?.junctionEntityMetadata;
  const groups = junction('groups');
  return {
    users: metadata.tableName,
    own: junction('userPermissions')?.tableName ?? '',
    groups: groups?.tableName ?? '',
    userColumn: groups?.ownerColumns[0]?.databaseName ?? 'user_id',
  };
}
