/** What names and describes a view. */
interface Named {
  readonly name: string | null;
  readonly suffix: string | null;
  readonly description: string | null;
}

/** `BookListView` becomes `Book List`; a suffix is added after a space (VW10). */
export function nameView(view: Named): string {
  if (view.name !== null) return view.name;
  const name = spaceCamelCase(removeSuffix(removeSuffix(view.constructor.name, 'View'), 'ViewSet'));
  return view.suffix === null ? name : `${name} ${view.suffix}`;
}

/** The view's description without its common indentation. */
export function describeView(view: Named): string {
  return dedent(view.description ?? '');
}

function removeSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/** `HTTPOrderAPI` and `http_order_api` become `Http Order Api`. */
function spaceCamelCase(text: string): string {
  return text
    .replace(/(?<=[a-z])[A-Z]|[A-Z](?![A-Z]|$)/g, ' $&')
    .split(/[\s_]+/)
    .filter((word) => word !== '')
    .map((word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase())
    .join(' ');
}

function dedent(text: string): string {
  const lines = text.replaceAll('\t', '        ').split('\n');
  const margins = lines
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length);
  const margin = margins.length === 0 ? 0 : Math.min(...margins);
  return [lines[0]?.trimStart() ?? '', ...lines.slice(1).map((line) => line.slice(margin))].join('\n').trim();
}
