/** The scope that a read-only token never has (AU30). */
export const WRITE_SCOPE = 'write';

/** The words of a scope; none for an empty text. */
export const scopeNames = (text: string): readonly string[] => text.split(' ').filter((name) => name !== '');

/** What a token or consumer with this scope may be used for. */
export function grantedScopes(scope: string, isReadonly: boolean): ReadonlySet<string> {
  return new Set(scopeNames(scope).filter((name) => !isReadonly || name !== WRITE_SCOPE));
}
