/** Text that may stand in a page as it is. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may be put into a page: everything but {@link Html} is escaped; null and false are nothing. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | null | false;

/** A piece of a page: `` html`<p>${name}</p>` ``. Attribute values must stand in double quotes. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let result = texts[0] as string;
  values.forEach((value, at) => {
    result += render(value) + texts[at + 1];
  });
  return new Html(result);
}

function render(value: HtmlValue): string {
  if (value === null || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(render).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `text` as it stands in a page. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] as string);
