const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads bytes as one JSON object.
 *
 * Stricter than `JSON.parse`: the bytes must be UTF-8 without a byte order mark, and no object in them, at any depth, may
 * name a member twice (RFC 7519 section 4 allows to refuse these; two readers that keep different ones disagree on who
 * the user is). Returns undefined for everything else.
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = decoder.decode(bytes);
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== 'object' || Array.isArray(value) || repeatsMember(text)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** True when an object in `json`, which must be well-formed, names a member twice. One pass. */
function repeatsMember(json: string): boolean {
  const open: (Set<string> | null)[] = [];
  // A string is a name when it follows `{` or `,` inside an object; JSON.parse has already checked the grammar.
  let nameNext = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case '{':
        open.push(new Set());
        nameNext = true;
        break;
      case '[':
        open.push(null);
        nameNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        nameNext = false;
        break;
      case ',':
        nameNext = open.at(-1) !== null;
        break;
      case '"': {
        const end = endOfString(json, at);
        const names = open.at(-1);
        if (nameNext && names) {
          const name = JSON.parse(json.slice(at, end)) as string;
          if (names.has(name)) return true;
          names.add(name);
        }
        nameNext = false;
        at = end - 1;
        break;
      }
    }
  }
  return false;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
