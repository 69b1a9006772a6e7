import type { HttpSignatureOptions } from './http-signature-options.ts';
import { componentItem } from './sign-message.ts';
import { serializeMember } from './structured-fields.ts';

/** The value of `Accept-Signature` (RFC 9421, section 5.1): what a signature must cover here, and its parameters. */
export function acceptSignature(options: HttpSignatureOptions, hasBody: boolean): string {
  const { tag, label, requiredComponents, nonceRequired } = options;
  const parts = ['@method', '@authority', '@path', '@query', ...(hasBody ? ['content-digest'] : [])];
  const components = [...parts.filter((part) => !requiredComponents.includes(`"${part}"`)), ...requiredComponents];
  const parameters = new Map<string, string | boolean>([
    ['created', true],
    ['keyid', true],
    ...(nonceRequired ? [['nonce', true] as const] : []),
    ...(tag === null ? [] : [['tag', tag] as const]),
  ]);
  return `${label ?? 'sig1'}=${serializeMember([components.map(componentItem), parameters])}`;
}
