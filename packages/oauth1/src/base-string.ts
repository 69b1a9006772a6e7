import { percentEncode } from './percent-encoding.ts';

/** A parameter in the spelling that is signed: name and value. */
export type EncodedParameter = readonly [name: string, value: string];

/** Where a request goes, as its client wrote it. */
export interface RequestPlace {
  /** `http` or `https`. */
  readonly scheme: string;
  /** Host and, if any, port. */
  readonly host: string;
  /** Undecoded, without query. */
  readonly path: string;
}

/** The base string URI (RFC 5849, section 3.4.1.2): lower-case scheme and host, no default port, the path as sent. */
export function baseStringUri({ scheme, host, path }: RequestPlace): string {
  const lowerScheme = scheme.toLowerCase();
  // An empty port is the default one, and leading zeros mean nothing (RFC 3986, section 6.2.3).
  const [, name = '', port = ''] = /^(.*?)(?::0*(\d*))?$/.exec(host.toLowerCase()) ?? [];
  const isDefault = port === '' || port === (lowerScheme === 'https' ? '443' : '80');
  return `${lowerScheme}://${name}${isDefault ? '' : `:${port}`}${path === '' ? '/' : path}`;
}

/** Joins decoded parameters in the order that is signed (RFC 5849, section 3.4.1.3.2). */
export function normalizeParameters(parameters: Iterable<readonly [name: string, value: string]>): string {
  return joinEncoded([...parameters].map(([name, value]) => [percentEncode(name), percentEncode(value)] as const));
}

/** By encoded name, then by encoded value; all of it is ASCII. */
function joinEncoded(parameters: readonly EncodedParameter[]): string {
  return parameters
    .toSorted(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The text that is signed (RFC 5849, section 3.4.1.1).
 *
 * @param parameters of query, header and form, without `realm` and `oauth_signature`
 */
export function signatureBaseString(
  method: string,
  place: RequestPlace,
  parameters: readonly EncodedParameter[],
): string {
  return [method.toUpperCase(), baseStringUri(place), joinEncoded(parameters)].map(percentEncode).join('&');
}
