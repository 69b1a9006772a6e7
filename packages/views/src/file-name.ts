/** Longest name that is kept; what file systems commonly allow. */
const MAX_LENGTH = 255;

/**
 * The name of an uploaded file without folders, of either kind of slash, and without control characters; null when nothing is left.
 *
 * A name longer than 255 characters keeps its extension.
 */
export function safeFileName(name: string): string | null {
  const base = name
    .slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
    .replace(/\p{Cc}/gu, '')
    .trim();
  if (base === '' || base === '.' || base === '..') return null;
  if (base.length <= MAX_LENGTH) return base;
  const dot = base.lastIndexOf('.');
  const extension = dot > 0 ? base.slice(dot, dot + MAX_LENGTH) : '';
  return base.slice(0, MAX_LENGTH - extension.length) + extension;
}
