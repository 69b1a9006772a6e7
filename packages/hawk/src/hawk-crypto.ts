import { createHash, createHmac } from 'node:crypto';

/** SHA-1 only to talk to clients that know no other. */
export type HawkAlgorithm = 'sha256' | 'sha1';

/** What a MAC covers beside its kind. */
export interface HawkArtifacts {
  /** Seconds since 1970, or the end of a bewit. */
  readonly ts: number | string;
  readonly nonce: string;
  readonly method: string;
  /** Path and query as sent. */
  readonly resource: string;
  readonly host: string;
  readonly port: number | string;
  /** Of the payload; see {@link hawkPayloadHash}. */
  readonly hash?: string | undefined;
  readonly ext?: string | undefined;
  readonly app?: string | undefined;
  readonly dlg?: string | undefined;
}

/** What is signed: a header, a bewit, or a response. */
export type HawkKind = 'header' | 'bewit' | 'response';

/** The text that is signed: each line ends with LF (hawk.1). */
export function hawkNormalized(kind: HawkKind, artifacts: HawkArtifacts): string {
  const { ts, nonce, method, resource, host, port, hash = '', ext = '', app, dlg } = artifacts;
  const lines = [
    `hawk.1.${kind}`,
    ts,
    nonce,
    method.toUpperCase(),
    resource,
    host.toLowerCase(),
    port,
    hash,
    ext.replaceAll('\\', '\\\\').replaceAll('\n', '\\n'),
    ...(app === undefined ? [] : [app, dlg ?? '']),
  ];
  return `${lines.join('\n')}\n`;
}

/** The MAC of artifacts, in Base64. */
export function hawkMac(kind: HawkKind, artifacts: HawkArtifacts, key: string, algorithm: HawkAlgorithm): string {
  return createHmac(algorithm, key).update(hawkNormalized(kind, artifacts)).digest('base64');
}

/** The MAC of a clock time, by which a client trusts the clock of a stale answer. */
export function hawkTimestampMac(ts: number, key: string, algorithm: HawkAlgorithm): string {
  return createHmac(algorithm, key).update(`hawk.1.ts\n${ts}\n`).digest('base64');
}

/** The hash of a payload. @param contentType as sent; its parameters do not count */
export function hawkPayloadHash(payload: string | Uint8Array, contentType: string, algorithm: HawkAlgorithm): string {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return createHash(algorithm).update(`hawk.1.payload\n${mediaType}\n`).update(payload).update('\n').digest('base64');
}
