// Any character above U+00A0 may be a letter: names are not checked against the registries of the day. The `u` flag
// makes these ranges code points, so that half of an emoji is no letter.
const WIDE = '\\u00a1-\\uffff';

const LABEL = `[a-z${WIDE}0-9](?:[a-z${WIDE}0-9-]{0,61}[a-z${WIDE}0-9])?`;
const MORE_LABELS = `(?:\\.(?!-)[a-z${WIDE}0-9-]{1,63}(?<!-))*`;
const TOP_LEVEL = `\\.(?!-)(?:[a-z${WIDE}-]{2,63}|xn--[a-z0-9]{1,59})(?<!-)`;

/** Pattern of a host name with a top-level domain. */
export const HOST_PATTERN = `${LABEL}${MORE_LABELS}${TOP_LEVEL}`;

/** A whole host name with a top-level domain. */
export const DOMAIN: RegExp = new RegExp(`^${HOST_PATTERN}$`, 'iu');
