import { type APIView, type HttpResponse, type Request } from '@rf/views';
import { isResourceUri } from './resource-indicator.ts';

/** The well-known name under which a resource's metadata stands (RFC 9728, section 3). */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** What people are told of an API in its metadata (RFC 9728, section 2); members that are left out are not told. */
export interface ResourceDescription {
  readonly name?: string;
  /** Address of the documentation for developers. */
  readonly documentation?: string;
  /** Address of what the API asks of those who use its data. */
  readonly policyUri?: string;
  /** Address of the terms of service. */
  readonly tosUri?: string;
}

/** A protected resource as its metadata tells it. */
export interface ProtectedResource extends ResourceDescription {
  /** Its identifier, an absolute URI. */
  readonly identifier: string;
  /** Issuers of the servers whose tokens it takes; none when it does not say. */
  readonly authorizationServers: readonly string[];
  /** None when it does not say. */
  readonly scopes: readonly string[];
  readonly bearerMethods: readonly ('header' | 'body')[];
}

/** The metadata of a protected resource (RFC 9728, section 2). */
export function resourceMetadata(resource: ProtectedResource): Readonly<Record<string, unknown>> {
  const { identifier, authorizationServers, scopes, bearerMethods, name, documentation, policyUri, tosUri } = resource;
  return {
    resource: identifier,
    ...(authorizationServers.length > 0 && { authorization_servers: authorizationServers }),
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: bearerMethods,
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
    ...(policyUri !== undefined && { resource_policy_uri: policyUri }),
    ...(tosUri !== undefined && { resource_tos_uri: tosUri }),
  };
}

/** Where a resource's metadata is: the well-known name before its path (RFC 9728, section 3.1). Null for one that is no URL. */
export function resourceMetadataUrl(identifier: string): string | null {
  const place = placeOf(identifier);
  return place === null ? null : `${place.origin}${RESOURCE_METADATA_PATH}${place.path}`;
}

/**
 * The resource of which metadata is asked for; null for none.
 *
 * @param resources the project's own first, which counts whatever the host is called on the way
 * @param path what follows the well-known name
 */
export function findResource(
  resources: readonly ProtectedResource[],
  host: string,
  path: string,
): ProtectedResource | null {
  const [own] = resources;
  const found = resources.filter(({ identifier }) => placeOf(identifier)?.path === (path === '/' ? '' : path));
  const here = found.find(({ identifier }) => placeOf(identifier)?.host === host.toLowerCase());
  return here ?? found.find((resource) => resource === own) ?? null;
}

interface Place {
  readonly origin: string;
  readonly host: string;
  /** Empty for the whole host. */
  readonly path: string;
}

function placeOf(identifier: string): Place | null {
  if (!isResourceUri(identifier)) return null;
  const { protocol, origin, host, pathname, search } = new URL(identifier);
  if (!/^https?:$/.test(protocol)) return null;
  return { origin, host, path: (pathname === '/' ? '' : pathname) + search };
}

/** What is wrong with a description, as `member: what`; null when nothing is. */
export function descriptionProblem({ name, ...addresses }: ResourceDescription): string | null {
  if (name !== undefined && name.trim() === '') return 'name: it is empty.';
  for (const [member, address] of Object.entries(addresses)) {
    if (/^https?:/.test(address) && URL.canParse(address)) continue;
    return `${member}: ${JSON.stringify(address)} is no URL, such as https://example.com/docs.`;
  }
  return null;
}

/** The resource that a view names as its own, `oauth2Resource`; null for that of the project. */
export function resourceOfView(view: APIView): string | null {
  return (view as { readonly oauth2Resource?: string }).oauth2Resource ?? null;
}

/** Metadata changes only with the project, and pages of any origin may read it. */
export function publishMetadata({ headers }: HttpResponse): void {
  headers.set('cache-control', 'public, max-age=300');
  headers.set('access-control-allow-origin', '*');
}

/** What follows the well-known name in the address of the request. */
export function resourcePath(request: Request): string {
  const { target } = request;
  return target.slice(target.indexOf(RESOURCE_METADATA_PATH) + RESOURCE_METADATA_PATH.length);
}
