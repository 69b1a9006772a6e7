import { BasePermission } from '@rf/views';

/** A permission made of others. */
interface Composed {
  readonly operands?: readonly BasePermission[];
}

/** True when one of the permissions has rules for single objects, so that the object has to be loaded for it. */
export function hasObjectRules(permissions: readonly BasePermission[]): boolean {
  return permissions.some((permission) => {
    if (permission.hasObjectPermission === BasePermission.prototype.hasObjectPermission) return false;
    const { operands } = permission as Composed;
    // All or one of several that have no rules agree to any object, as they agreed to the view.
    return operands === undefined || hasObjectRules(operands);
  });
}

/** What permissions say they read of an object: paths such as `owner.id`. */
export function objectNeeds(permissions: readonly BasePermission[]): readonly string[] {
  return permissions.flatMap((permission) => {
    const { needs = [], operands = [], operand } = permission as NeedyPermission;
    return [...needs, ...objectNeeds(operands), ...(operand === undefined ? [] : objectNeeds([operand]))];
  });
}

interface NeedyPermission extends Composed {
  readonly needs?: readonly string[];
  readonly operand?: BasePermission;
}
