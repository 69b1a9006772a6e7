/** One word of a scope (RFC 6749, section 3.3). Case matters. */
const WORD = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** What a token must have that is shown at the introspection endpoint in place of client credentials (OA14). */
export const INTROSPECTION_SCOPE = 'introspection';

/** What a token must have with which a user registers clients at the registration endpoint (OA20). */
export const REGISTRATION_SCOPE = 'registration';

/** True for a name that a scope may have: printable ASCII without spaces, quotes and backslashes. */
export const isScopeName = (name: string): boolean => WORD.test(name);

/**
 * The words of a scope in the order given, each once.
 *
 * Null when the text is not a scope: words are separated by one space (RFC 6749, section 3.3).
 */
export function parseScope(text: string): readonly string[] | null {
  const words = text.split(' ');
  return words.every(isScopeName) ? [...new Set(words)] : null;
}

/** The text of a scope. */
export const formatScope = (names: Iterable<string>): string => [...names].join(' ');

/** The words of a scope that we wrote ourselves; none for an empty text. */
export const scopeNames = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));
