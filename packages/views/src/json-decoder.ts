import { ParseError } from '@rf/exceptions';

/** How JSON is read. */
export interface JsonDecodeOptions {
  /** Refuse NaN and Infinity, which are not JSON but common. */
  readonly strict: boolean;
  /** Arrays and objects inside one another. */
  readonly maxDepth: number;
}

/** Reads a JSON text. Throws ParseError with DRF's prefix for what is no JSON or nested too deeply (PA02). */
export function parseJson(text: string, { maxDepth }: JsonDecodeOptions): unknown {
  // Counted before parsing, so that a body of brackets costs one pass and no memory.
  if (exceedsDepth(text, maxDepth)) throw new ParseError(`JSON parse error - nested deeper than ${maxDepth} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ParseError(`JSON parse error - ${(error as Error).message}`);
  }
}

function exceedsDepth(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}
