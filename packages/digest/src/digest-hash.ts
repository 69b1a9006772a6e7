import { createHash } from 'node:crypto';

/** The algorithms of RFC 7616, section 6.1; with `-sess` the key changes with the nonce. */
export const DIGEST_ALGORITHMS = [
  'MD5',
  'MD5-sess',
  'SHA-256',
  'SHA-256-sess',
  'SHA-512-256',
  'SHA-512-256-sess',
] as const;

export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

/** What the response covers: the request line, or that and the body. */
export type DigestQop = 'auth' | 'auth-int';

const HASHES = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;

/** The algorithm without `-sess`: what a stored key is made with. */
export type DigestBase = keyof typeof HASHES;

export const baseOf = (algorithm: DigestAlgorithm): DigestBase => algorithm.replace('-sess', '') as DigestBase;

function hash(base: DigestBase, data: string | Uint8Array): string {
  return createHash(HASHES[base]).update(data).digest('hex');
}

/** H(username:realm:password): as good as the password within its realm (RFC 7616, section 3.4.2). */
export function digestHA1(base: DigestBase, username: string, realm: string, password: string): string {
  return hash(base, `${username}:${realm}:${password}`);
}

/** H(username:realm), which a client may send in place of the name (RFC 7616, section 3.4.4). */
export function digestUserhash(base: DigestBase, username: string, realm: string): string {
  return hash(base, `${username}:${realm}`);
}

/** What goes into a response. */
export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly qop: DigestQop;
  /** Needed for `auth-int`. */
  readonly body?: Uint8Array;
}

/** The response of RFC 7616, section 3.4.1, in lower-case hex. An empty method makes `rspauth` (section 3.5). */
export function digestResponse(input: DigestInput): string {
  const { algorithm, method, uri, nonce, nc, cnonce, qop, body } = input;
  const base = baseOf(algorithm);
  const ha1 = algorithm.endsWith('-sess') ? hash(base, `${input.ha1}:${nonce}:${cnonce}`) : input.ha1;
  const a2 = qop === 'auth-int' ? `${method}:${uri}:${hash(base, body ?? '')}` : `${method}:${uri}`;
  return hash(base, `${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${hash(base, a2)}`);
}
