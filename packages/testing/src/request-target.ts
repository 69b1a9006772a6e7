/** Values of a query by name; a list makes several of one name. */
export type Query = URLSearchParams | Readonly<Record<string, unknown>>;

/** Path and query of a request, its query extended by `query`; `null` and `undefined` values are left out. */
export function targetOf(path: string, query: Query | null | undefined): string {
  const text = queryOf(query ?? {}).toString();
  const [beforeFragment = ''] = path.split('#', 1);
  if (text === '') return beforeFragment;
  return `${beforeFragment}${beforeFragment.includes('?') ? '&' : '?'}${text}`;
}

function queryOf(query: Query): URLSearchParams {
  if (query instanceof URLSearchParams) return query;
  const params = new URLSearchParams();
  for (const [name, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value === null || value === undefined) continue;
      params.append(name, value instanceof Date ? value.toISOString() : String(value));
    }
  }
  return params;
}
