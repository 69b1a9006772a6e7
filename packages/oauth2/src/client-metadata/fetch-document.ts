import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { DocumentFailure } from './document-failure.ts';
import type { ResolvedDocumentOptions } from './document-options.ts';
import { isPublicAddress } from './public-address.ts';

/** What stands at the address of a client. */
export interface FetchedDocument {
  readonly value: unknown;
  /** Seconds that it counts, as its host says; null when the host says nothing. */
  readonly maxAge: number | null;
}

/**
 * Fetches a document from a host that a stranger names: over TLS, without redirects, with limits of time and size, and only from
 * addresses of the internet. The host is looked up once, and the connection goes to an address that was looked at, so that a second
 * answer of the name server changes nothing.
 *
 * Throws DocumentFailure.
 */
export async function fetchDocument(url: URL, options: ResolvedDocumentOptions): Promise<FetchedDocument> {
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  try {
    const addresses = await inTime(signal, findAddresses(url.hostname, options));
    const response = await get(url, addresses, options, signal);
    try {
      return await read(response, options.maxBytes);
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (error instanceof DocumentFailure) throw error;
    if (signal.aborted) throw new DocumentFailure(`there was no answer in ${options.timeoutSeconds} seconds`);
    const { code, name } = error as { code?: unknown; name?: unknown };
    throw new DocumentFailure(`the host cannot be reached: ${String(code ?? name)}`);
  }
}

/** Every address of the host, all of which must be public: one that is not could be the one that is taken. */
async function findAddresses(
  hostname: string,
  { allowPrivateNetworks, resolve }: ResolvedDocumentOptions,
): Promise<readonly string[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) !== 0 ? [host] : await (resolve ?? systemAddresses)(host);
  if (addresses.length === 0) throw new DocumentFailure('the host has no address');
  const isBad = (address: string): boolean =>
    isIP(address) === 0 || !(allowPrivateNetworks || isPublicAddress(address));
  if (addresses.some(isBad)) throw new DocumentFailure('the host has an address that is not of the public internet');
  return addresses;
}

async function systemAddresses(hostname: string): Promise<readonly string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

/** Looking up a host cannot be broken off, only no longer be waited for. */
function inTime<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function get(
  url: URL,
  addresses: readonly string[],
  { ca }: ResolvedDocumentOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = requestOverTls(url, {
      // A connection of its own: one that is kept could have been made for another purpose.
      agent: false,
      lookup: only(addresses),
      rejectUnauthorized: true,
      signal,
      headers: { accept: 'application/json, application/*+json', 'accept-encoding': 'identity' },
      ...(ca !== null && { ca: typeof ca === 'string' ? ca : [...ca] }),
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

/** What the connection is told when it looks up the host. */
function only(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    const [first] = entries;
    if (all) callback(null, entries);
    else callback(null, first?.address as string, first?.family);
  };
}

async function read(response: IncomingMessage, maxBytes: number): Promise<FetchedDocument> {
  const { statusCode, headers } = response;
  if (statusCode !== 200) throw new DocumentFailure(`the host answered ${statusCode}`);
  if (!/^application\/([\w.+-]+\+)?json *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new DocumentFailure('what the host answered is not called JSON');
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new DocumentFailure(`the document is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { value: parse(Buffer.concat(chunks)), maxAge: maxAgeOf(headers['cache-control']) };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new DocumentFailure('the document is no JSON');
  }
}

function maxAgeOf(cacheControl: string | undefined): number | null {
  if (cacheControl === undefined) return null;
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0;
  const [, seconds] = /(?:^|[\s,])max-age="?(\d{1,10})/i.exec(cacheControl) ?? [];
  return seconds === undefined ? null : Number(seconds);
}
