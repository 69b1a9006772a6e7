import { ImproperlyConfigured } from '@rf/exceptions';
import { db } from '@rf/orm';
import { type APIView, BasePermission, isSafeMethod, type Request } from '@rf/views';
import type { ObjectLiteral } from 'typeorm';
import { keyOf } from './entity-key.ts';
import { narrowTo } from './get-object.ts';
import { type EntityType, type Queryset, rowsOf } from './queryset.ts';

/**
 * One rule for rows wherever they are met (W24): lists show only rows that may be seen, other rows are not found, changing one
 * that may be seen and not changed is refused, and so is writing one that its writer could not change.
 *
 * ```ts
 * class OwnBooks extends RowPermission<Book> {
 *   override filterRows(_request: Request, queryset: Queryset<Book>) {
 *     return queryset; // anybody may read
 *   }
 *   override filterChangeable(request: Request, queryset: Queryset<Book>) {
 *     return queryset.andWhere('book.owner = :me', { me: request.user.id });
 *   }
 * }
 * ```
 *
 * For generic views. It stands in the list of permissions itself, all of which must agree: inside `allOf`, `anyOf` or `not` nothing
 * would leave rows out, so a view that has it there cannot be mounted.
 */
export abstract class RowPermission<Entity extends ObjectLiteral = ObjectLiteral> extends BasePermission {
  /** The rows that the request may see. Rows are called like the entity with a small first letter. */
  abstract filterRows(request: Request, queryset: Queryset<Entity>, view: APIView): Queryset<Entity>;

  /** The rows that the request may make, change and delete; a changed row has to be one of them still. Default: those it may see. */
  filterChangeable(request: Request, queryset: Queryset<Entity>, view: APIView): Queryset<Entity> {
    return this.filterRows(request, queryset, view);
  }

  /** Throws ImproperlyConfigured where the permission is part of another one. */
  override checkSetup(view: APIView, isOperand = false): void {
    if (isOperand) throw this.#insideAnother(view);
  }

  /** The same for permissions that the view chooses with each request. */
  override hasPermission(_request: Request, view: APIView): boolean {
    if (view.getPermissions().includes(this)) return true;
    throw this.#insideAnother(view);
  }

  #insideAnother(view: APIView): ImproperlyConfigured {
    const { name } = this.constructor;
    return new ImproperlyConfigured(
      `${name} stands inside another permission of ${view.constructor.name}, where it cannot leave rows out of lists. Write ` +
        `\`@permissionClasses(${name}, …)\`: all that are listed must agree.`,
    );
  }

  override async hasObjectPermission(request: Request, view: APIView, object: unknown): Promise<boolean> {
    const entity = (object as object).constructor as EntityType<Entity>;
    const manager = db(request);
    const rows = rowsOf(manager, entity);
    const allowed = isSafeMethod(request.method)
      ? this.filterRows(request, rows, view)
      : this.filterChangeable(request, rows, view);
    narrowTo(allowed as Queryset, keyOf(manager.dataSource, object as object));
    return (await allowed.getExists()) as boolean;
  }
}
