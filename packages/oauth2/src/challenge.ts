import type { OAuth2ErrorCode } from './oauth2-error.ts';

/** Attributes of a challenge (RFC 6750, section 3). */
export interface Challenge {
  readonly error?: OAuth2ErrorCode;
  readonly description?: string;
  /** The scope that would be enough. */
  readonly scope?: string;
}

/** A `WWW-Authenticate` value such as `Bearer realm="api",error="invalid_token"`. */
export function formatChallenge(scheme: 'Bearer' | 'Basic', realm: string, challenge: Challenge = {}): string {
  const attributes: [string, string | undefined][] = [
    ['realm', realm],
    ['error', challenge.error],
    ['error_description', challenge.description],
    ['scope', challenge.scope],
  ];
  const written = attributes.filter(([, value]) => value !== undefined);
  return `${scheme} ${written.map(([name, value]) => `${name}=${quote(value as string)}`).join(',')}`;
}

/** A quoted string (RFC 9110, section 5.6.4). What could leave the header is dropped. */
function quote(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
}
