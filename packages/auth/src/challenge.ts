import { type Request, Response } from '@rf/views';
import { missingScopes } from './scopes.ts';

/**
 * A `WWW-Authenticate` value such as `Bearer realm="api",error="invalid_token"` (RFC 9110, section 11.6.1).
 *
 * @param parameters in the order in which they are written; one without a value is left out
 */
export function writeChallenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const written = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${quote(value as string)}`);
  return written.length === 0 ? scheme : `${scheme} ${written.join(',')}`;
}

/** A quoted string (RFC 9110, section 5.6.4). What could leave the header is dropped. */
function quote(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Has a 403 for want of scopes tell which would do (RFC 6750, section 3.1): call it for a Bearer token that was accepted.
 *
 * @param realm left out of the challenge when undefined
 * @param parameters come last in the challenge; one without a value is left out
 */
export function challengeMissingScopes(
  request: Request,
  realm?: string,
  parameters: Readonly<Record<string, string | undefined>> = {},
): void {
  request.onResponse(({ status, headers }) => {
    const scopes = request.state.get(missingScopes) as readonly string[] | undefined;
    if (status !== 403 || scopes === undefined) return;
    const challenge = {
      realm,
      error: 'insufficient_scope',
      error_description: 'The access token lacks a scope.',
      scope: scopes.join(' '),
      ...parameters,
    };
    headers.set('www-authenticate', writeChallenge('Bearer', challenge));
  });
}

/** Has the body of such a 403 list the scopes as `required_scopes` (OA03). */
export function tellMissingScopes(request: Request): void {
  request.onResponse((response) => {
    const scopes = request.state.get(missingScopes) as readonly string[] | undefined;
    if (response.status !== 403 || scopes === undefined || !(response instanceof Response)) return;
    const { data } = response;
    // A project's own handler may have answered with something else than an object.
    if (data instanceof Object && !Array.isArray(data)) response.data = { ...data, required_scopes: scopes };
  });
}
