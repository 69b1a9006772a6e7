import { ImproperlyConfigured } from '@rf/exceptions';
import type { EntityClass } from '@rf/orm';

/** A permission that every model has unless it says otherwise. */
export type DefaultPermission = 'add' | 'change' | 'delete' | 'view';

/** The four of them. */
export const DEFAULT_PERMISSIONS: readonly DefaultPermission[] = ['add', 'change', 'delete', 'view'];

interface Declared {
  readonly custom: Readonly<Record<string, string>>;
  readonly defaults: readonly DefaultPermission[];
}

const declared = new WeakMap<EntityClass, Declared>();

/**
 * Declares permissions of a model beside, or in place of, the four that each has (DJ04): name for people by codename. `rf migrate`
 * makes their rows.
 *
 * ```ts
 * @Entity('bookshop_book')
 * @modelPermissions({ publish_book: 'Can publish a book' })
 * class Book { … }
 * ```
 *
 * Asked for with the app's label in front: `bookshop.publish_book`.
 *
 * @param defaults which of the four there are; all unless given
 */
export function modelPermissions(
  custom: Readonly<Record<string, string>>,
  { defaults = DEFAULT_PERMISSIONS }: { readonly defaults?: readonly DefaultPermission[] } = {},
): (entity: EntityClass) => void {
  return (entity) => {
    for (const [codename, name] of Object.entries(custom)) {
      if (codename.length <= 100 && name.length <= 255) continue;
      throw new ImproperlyConfigured(
        `@modelPermissions on ${entity.name}: ${codename} is too long; a codename has at most 100 characters, a name 255.`,
      );
    }
    declared.set(entity, { custom, defaults });
  };
}

/** What {@link modelPermissions} declared for the class. */
export function declaredPermissions(entity: EntityClass): Declared {
  return declared.get(entity) ?? { custom: {}, defaults: DEFAULT_PERMISSIONS };
}
