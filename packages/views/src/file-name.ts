import { basename, sep } from 'node:path';

/** Longest name that is kept, in characters; what file systems commonly allow. */
const MAX_LENGTH = 255;

/**
 * The name of an uploaded file without the folders of this system and without control characters; null when nothing is left.
 *
 * A name longer than 255 characters keeps its extension.
 */
export function safeFileName(name: string): string | null {
  const cleaned = name.replace(/\p{Cc}/gu, '');
  // What ends with a slash is a folder, for which basename() has a name.
  const base = cleaned.endsWith('/') || cleaned.endsWith(sep) ? '' : basename(cleaned);
  if (base === '' || base === '.' || base === '..') return null;
  return base.length <= MAX_LENGTH ? base : shorten(base);
}

function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= MAX_LENGTH) return name;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 ? characters.slice(dot, dot + MAX_LENGTH) : [];
  const stem = dot > 0 ? characters.slice(0, dot) : characters;
  return [...stem.slice(0, MAX_LENGTH - extension.length), ...extension].join('');
}
