/** How long a client id may be. */
const MAX_LENGTH = 255;

/** True for a client id that could be the address of a document; whether it may be one is for {@link readClientIdUrl}. */
export const looksLikeClientIdUrl = (clientId: string): boolean => /^https:\/\//i.test(clientId);

/**
 * The URL that a client id is; null for one that may not be a client's
 * (draft-ietf-oauth-client-id-metadata-document, section 3).
 *
 * It is https with a path, without user, fragment and dot segments, and at most 255 characters in the spelling of a browser, since ids
 * are compared letter by letter. A port may be named, the usual one as well.
 */
export function readClientIdUrl(clientId: string): URL | null {
  if (clientId.length > MAX_LENGTH || !/^https:\/\/[\x21-\x7e]+$/.test(clientId) || !URL.canParse(clientId))
    return null;
  const url = new URL(clientId);
  if (url.username !== '' || url.password !== '' || clientId.includes('#')) return null;
  // Dot segments, a path that is missing and hosts in other spellings are all changed by normalisation.
  const withoutUsualPort = clientId.replace(/^(https:\/\/[^/?]+):443(?=\/)/, '$1');
  return url.href === withoutUsualPort ? url : null;
}
