import { createHash } from 'node:crypto';
import { Html, html } from '@rf/auth';
import { HttpResponse } from '@rf/views';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 38rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
form { margin: 1rem 0; }
label { display: block; margin: .75rem 0; }
input[type=text], textarea, select { display: block; box-sizing: border-box; width: 100%; padding: .4rem; font: inherit; }
fieldset { margin: .75rem 0; border: 1px solid #8888; }
fieldset label { margin: .25rem 0; }
button { padding: .5rem 1.25rem; font: inherit; cursor: pointer; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: .4rem; border-bottom: 1px solid #8884; vertical-align: top; }
.error { color: #c22; }
.secret { padding: .75rem; border: 2px solid #c80; }
`;

/** No script, nothing from elsewhere, in nobody's frame (RFC 9700, section 4.16). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a page may do beside being shown. */
interface PageOptions {
  readonly status?: number;
  /** Its form leads to other origins: browsers apply `form-action` to the redirects that follow a form too. Default false. */
  readonly formLeadsOn?: boolean;
}

/** A whole page that no cache keeps and no other site frames. */
export function page(title: string, body: Html, { status = 200, formLeadsOn = false }: PageOptions = {}): HttpResponse {
  const text = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${new Html(STYLE)}</style></head>
<body><h1>${title}</h1>
${body}
</body>
</html>
`;
  return new HttpResponse(text.text, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY + (formLeadsOn ? '' : "; form-action 'self'"),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      // Not no-referrer: browsers would send `Origin: null` with our own forms.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
    },
  });
}
