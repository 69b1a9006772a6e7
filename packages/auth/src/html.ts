import { createHash } from 'node:crypto';

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text that shows itself in HTML, in and out of quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] as string);

/** Writes HTML: every value is escaped, unless it is {@link Html} itself; lists are joined, null and false are nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return new Html(parts.map((part, at) => (at === 0 ? part : show(values[at - 1]) + part)).join(''));
}

function show(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(show).join('');
  return escapeHtml(String(value));
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 38rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
form { margin: 1rem 0; }
label { display: block; margin: .75rem 0 .25rem; }
input[type=text], input[type=password], input[type=email], textarea, select {
  display: block; box-sizing: border-box; width: 100%; padding: .4rem; font: inherit;
}
fieldset { margin: .75rem 0; border: 1px solid #8888; }
fieldset label { margin: .25rem 0; }
button { margin-top: .75rem; padding: .5rem 1.25rem; font: inherit; cursor: pointer; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .4rem; border-bottom: 1px solid #8884; vertical-align: top; }
.error { color: #c22; }
.secret { padding: .75rem; border: 2px solid #c80; }
`;

/** A whole page without scripts, in a plain style. */
export function page(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="none">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body.text}
</body>
</html>
`;
}

/** A field of a form that nobody sees. */
export const hiddenField = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** No script, nothing from elsewhere, in nobody's frame (RFC 9700, section 4.16). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Headers of a page that nobody may frame, cache or feed with scripts, and whose forms may lead to other origins: browsers apply
 * `form-action` to the redirects that follow a form as well, and those after a login or a consent end at an OAuth client.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // Not no-referrer: browsers would send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The same of a page whose forms, and the redirects that follow them, stay on this origin. */
export const OWN_PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...PAGE_HEADERS,
  'content-security-policy': `${CONTENT_SECURITY_POLICY}; form-action 'self'`,
};
