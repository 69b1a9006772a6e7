import { createHash } from 'node:crypto';
import type { NamingStrategyInterface, Table, View } from 'typeorm';

/** PostgreSQL cuts longer identifiers (manual, section 4.1.1). */
const MAX_LENGTH = 63;

/**
 * Names tables, columns and constraints as Django does on PostgreSQL, so that a table made by either is the same:
 *
 * - columns: `isStaff` → `is_staff`; join columns: `contentType` → `content_type_id`
 * - join tables: `auth_user` and `userPermissions` → `auth_user_user_permissions` with `user_id` and `permission_id`
 * - indexes and constraints: table, columns, eight digits of a hash, suffix; never longer than 63 characters
 */
export class DjangoNamingStrategy implements NamingStrategyInterface {
  readonly materializedPathColumnName = 'mpath';
  readonly nestedSetColumnNames = { left: 'nsleft', right: 'nsright' };
  /** Join tables name their columns after the entity, but TypeORM tells only the table. */
  readonly #entityOfTable = new Map<string, string>();

  tableName(targetName: string, userSpecifiedName: string | undefined): string {
    const name = userSpecifiedName ?? snakeCase(targetName);
    if (targetName !== '') this.#entityOfTable.set(name, targetName.toLowerCase());
    return name;
  }

  closureJunctionTableName(originalClosureTableName: string): string {
    return `${originalClosureTableName}_closure`;
  }

  columnName(propertyName: string, customName: string | undefined, embeddedPrefixes: string[]): string {
    const name = customName || snakeCase(propertyName);
    return [...embeddedPrefixes.map(snakeCase), name].join('_');
  }

  relationName(propertyName: string): string {
    return propertyName;
  }

  primaryKeyName(table: Table | string): string {
    return shorten(bareName(table), '', 'pkey');
  }

  uniqueConstraintName(table: Table | string, columnNames: string[]): string {
    const [only, ...others] = columnNames;
    // A column's own UNIQUE is named by PostgreSQL, one over several columns by Django.
    if (only !== undefined && others.length === 0) return shorten(bareName(table), only, 'key');
    return hashedName(bareName(table), columnNames, '_uniq');
  }

  relationConstraintName(table: Table | string, columnNames: string[]): string {
    return this.uniqueConstraintName(table, columnNames);
  }

  defaultConstraintName(table: Table | string, columnName: string): string {
    return hashedName(bareName(table), [columnName], '_default');
  }

  foreignKeyName(
    table: Table | string,
    columnNames: string[],
    referencedTablePath?: string,
    referencedColumnNames?: string[],
  ): string {
    const target = referencedTablePath === undefined ? '' : `_${bareName(referencedTablePath)}`;
    return hashedName(bareName(table), columnNames, `_fk${target}_${(referencedColumnNames ?? []).join('_')}`);
  }

  indexName(table: Table | View | string, columns: string[], where?: string): string {
    // The condition is part of the identity only: two partial indexes over the same columns need two names.
    return hashedName(bareName(table), columns, '', where);
  }

  checkConstraintName(table: Table | string, expression: string, isEnum?: boolean): string {
    return hashedName(bareName(table), [], isEnum ? '_check_enum' : '_check', expression);
  }

  exclusionConstraintName(table: Table | string, expression: string): string {
    return hashedName(bareName(table), [], '_excl', expression);
  }

  joinColumnName(relationName: string, referencedColumnName: string): string {
    return `${snakeCase(relationName)}_${snakeCase(referencedColumnName)}`;
  }

  joinTableName(firstTableName: string, _secondTableName: string, firstPropertyName: string): string {
    return `${firstTableName}_${snakeCase(firstPropertyName.replaceAll('.', '_'))}`;
  }

  joinTableColumnDuplicationPrefix(columnName: string, index: number): string {
    return `${index === 1 ? 'from' : 'to'}_${columnName}`;
  }

  joinTableColumnName(tableName: string, propertyName: string, columnName?: string): string {
    return `${this.#entityOfTable.get(tableName) ?? tableName}_${columnName ?? snakeCase(propertyName)}`;
  }

  joinTableInverseColumnName(tableName: string, propertyName: string, columnName?: string): string {
    return this.joinTableColumnName(tableName, propertyName, columnName);
  }

  prefixTableName(prefix: string, tableName: string): string {
    return prefix + tableName;
  }
}

/** `isStaff` → `is_staff`, `HTMLPage` → `html_page`, `line2` → `line2`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

function bareName(table: Table | View | string): string {
  const path = typeof table === 'string' ? table : table.name;
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Django's way: the hash comes from table and columns, and long parts are cut so that everything fits. */
function hashedName(table: string, columns: readonly string[], suffix: string, identity = ''): string {
  const hash = createHash('md5')
    .update(table + columns.join('') + identity)
    .digest('hex')
    .slice(0, 8);
  const middle = columns.join('_');
  const parts = (first: string, second: string, last: string) =>
    [first, second, last].filter((part) => part !== '').join('_');
  const whole = parts(table, middle, hash + suffix);
  if (whole.length <= MAX_LENGTH) return whole;

  const end = (hash + suffix).slice(0, Math.max(MAX_LENGTH / 3, hash.length));
  const room = Math.floor((MAX_LENGTH - end.length) / 2) - 1;
  return parts(table.slice(0, room), middle.slice(0, room), end);
}

/** PostgreSQL's way for the names it makes itself: the longer part loses characters until the name fits. */
function shorten(table: string, column: string, suffix: string): string {
  let [first, second] = [table, column];
  const length = () => first.length + (second === '' ? 0 : second.length + 1) + 1 + suffix.length;
  while (length() > MAX_LENGTH) {
    if (first.length > second.length) first = first.slice(0, -1);
    else second = second.slice(0, -1);
  }
  return [first, second, suffix].filter((part) => part !== '').join('_');
}
