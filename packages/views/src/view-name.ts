import type { ResolvedRoute } from './url-resolver.ts';

/** What names and describes a view. */
interface Named {
  readonly name: string | null;
  readonly suffix: string | null;
  readonly description: string | null;
  readonly route?: ResolvedRoute;
}

/**
 * The view's own name, or one made from its class: `HTTPOrderAPIView` becomes `Http Order Api`, and a suffix is added after a space
 * (VW10). A view without a class name, such as an arrow function's, is named after its URL.
 */
export function nameView(view: Named): string {
  if (view.name !== null) return view.name;
  const className = view.constructor.name || lastLiteral(view.route?.pattern.text ?? '');
  const name = titleCase(spaceCamelCase(removeSuffix(removeSuffix(className, 'View'), 'ViewSet')));
  return view.suffix === null ? name : `${name} ${view.suffix}`;
}

/** The view's description without its common indentation. */
export function describeView(view: Named): string {
  return dedent(view.description ?? '');
}

/** `books` of `/api/books/:pk/`. */
function lastLiteral(pattern: string): string {
  return pattern.split('/').findLast((segment) => segment !== '' && !segment.includes(':')) ?? '';
}

function removeSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) && text !== suffix ? text.slice(0, -suffix.length) : text;
}

function spaceCamelCase(text: string): string {
  return text.replace(/(?<=[a-z])[A-Z]|[A-Z](?![A-Z]|$)/g, ' $&').trim();
}

/** Each word with one capital, as Python's `str.title` writes them; underscores and hyphens separate words too. */
function titleCase(text: string): string {
  return text
    .split(/[\s_-]+/)
    .join(' ')
    .replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

/** Removes the indentation that all lines after the first have in common: of spaces, or else of tabs. */
function dedent(text: string): string {
  const [first = '', ...rest] = text.split(/\r\n|[\n\r]/);
  const filled = rest.filter((line) => line.trimStart() !== '');
  const margin = commonIndent(filled, /^ */) || commonIndent(filled, /^\t*/);
  return [first, ...rest.map((line) => (/^\s/.test(line) ? line.slice(Math.min(margin, indent(line))) : line))]
    .join('\n')
    .trim();
}

const indent = (line: string): number => line.length - line.trimStart().length;

function commonIndent(lines: readonly string[], pattern: RegExp): number {
  return lines.length === 0 ? 0 : Math.min(...lines.map((line) => (pattern.exec(line)?.[0] ?? '').length));
}
