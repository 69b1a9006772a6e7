import { ImproperlyConfigured } from '@rf/exceptions';
import { checkStrangers, type RegistrationOptions } from '../registration/registration-options.ts';

/** Choices for clients whose id is the address of a document about them (draft-ietf-oauth-client-id-metadata-document). */
export interface ClientIdMetadataDocumentOptions extends Pick<RegistrationOptions, 'grants' | 'scopes'> {
  /** Hosts that documents may be on: `client.example`, or `.client.example` for it and all below it. Default any public host. */
  readonly hosts?: readonly string[];
  /** Bytes of a document. Default 5,120. */
  readonly maxBytes?: number;
  /** Seconds that looking up a host, asking and reading take together. Default 5. */
  readonly timeoutSeconds?: number;
  /** Seconds that a document counts at least, whatever its host says. Default 300. */
  readonly minCacheSeconds?: number;
  /** Seconds that a document counts at most. Default one day; 3,600, if that is less, where its host says nothing. */
  readonly maxCacheSeconds?: number;
  /** Documents that one process fetches at once. Default 10. */
  readonly maxFetches?: number;
  /** Fetches from addresses of this machine and of private networks too. Default false: anybody logged in could look around there. */
  readonly allowPrivateNetworks?: boolean;
  /** Certificates of authorities to trust, PEM, in place of those that Node trusts. */
  readonly ca?: string | readonly string[];
  /** Finds the addresses of a host. Default that of the system. */
  readonly resolve?: (hostname: string) => Promise<readonly string[]>;
}

/** Options with their defaults, checked. */
export interface ResolvedDocumentOptions
  extends Required<Omit<ClientIdMetadataDocumentOptions, 'scopes' | 'hosts' | 'ca' | 'resolve'>> {
  /** Null for all that strangers may have. */
  readonly scopes: readonly string[] | null;
  /** Null for any. */
  readonly hosts: readonly string[] | null;
  readonly ca: string | readonly string[] | null;
  readonly resolve: ClientIdMetadataDocumentOptions['resolve'] | null;
}

/**
 * Fills in defaults; null when no document is fetched.
 *
 * Throws ImproperlyConfigured for what cannot work.
 */
export function resolveDocumentOptions(
  options: ClientIdMetadataDocumentOptions | undefined,
): ResolvedDocumentOptions | null {
  if (options === undefined) return null;
  const resolved: ResolvedDocumentOptions = {
    grants: ['authorization_code', 'refresh_token'],
    maxBytes: 5120,
    timeoutSeconds: 5,
    minCacheSeconds: 300,
    maxCacheSeconds: 86_400,
    maxFetches: 10,
    allowPrivateNetworks: false,
    ...options,
    scopes: options.scopes ?? null,
    hosts: options.hosts ?? null,
    ca: options.ca ?? null,
    resolve: options.resolve ?? null,
  };
  checkStrangers(OPTION, resolved);
  check(resolved);
  return resolved;
}

const OPTION = 'clientIdMetadataDocuments';

function check(options: ResolvedDocumentOptions): void {
  const { grants, hosts, maxBytes, timeoutSeconds, minCacheSeconds, maxCacheSeconds, maxFetches } = options;
  if (grants.includes('client_credentials'))
    fail('grants has client_credentials, for which such clients have no secret.');
  if (hosts?.length === 0) fail('hosts is empty, so no client would be known. Name one, or leave the option out.');
  const host = hosts?.find((name) => !/^\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name));
  if (host !== undefined) fail(`hosts: ${JSON.stringify(host)} is no host such as client.example or .client.example.`);
  if (!(maxBytes >= 1 && maxBytes <= 65_536)) fail(`maxBytes: ${maxBytes} is not between 1 and 65,536.`);
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 60)) {
    fail(`timeoutSeconds: ${timeoutSeconds} is not above 0 and at most 60.`);
  }
  if (!(minCacheSeconds >= 1)) fail(`minCacheSeconds: ${minCacheSeconds} is not 1 or more.`);
  if (!(maxCacheSeconds >= minCacheSeconds)) {
    fail(`maxCacheSeconds: ${maxCacheSeconds} is less than minCacheSeconds, ${minCacheSeconds}.`);
  }
  if (!(maxFetches >= 1)) fail(`maxFetches: ${maxFetches} is not 1 or more.`);
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`oauth2(): ${OPTION}.${text}`);
}
