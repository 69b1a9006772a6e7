import { createHash } from 'node:crypto';

const names = new Map<string, string>();

/** The name under which PostgreSQL keeps a statement: made of its text, so that equal texts share one. */
export function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = `rf_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    names.set(text, name);
  }
  return name;
}
