/** Longest identifier that is looked at. */
const MAX_LENGTH = 2048;

/** True for what can name a protected resource: an absolute URI without a fragment (RFC 8707, section 2). */
export function isResourceUri(text: string): boolean {
  return text.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(text) && !text.includes('#') && URL.canParse(text);
}

/** True when two identifiers name one resource: a client that builds URLs adds the slash of an empty path, for instance. */
export function isSameResource(one: string, other: string): boolean {
  return one === other || (isResourceUri(one) && isResourceUri(other) && new URL(one).href === new URL(other).href);
}

/** True when `list` has the resource. */
export const hasResource = (list: readonly string[], resource: string): boolean =>
  list.some((one) => isSameResource(one, resource));

/** True when all of `asked` are among `granted`. */
export const coversResources = (granted: readonly string[], asked: readonly string[]): boolean =>
  asked.every((resource) => hasResource(granted, resource));
