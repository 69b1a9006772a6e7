import { isSafeMethod } from '@rf/views';
import type { Component } from './component.ts';
import { isStrongDigest } from './content-digest.ts';
import type { HttpSignatureOptions } from './http-signature-options.ts';
import type { SignatureAlgorithm } from './signature-algorithms.ts';
import { SignatureError } from './signature-error.ts';
import type { SignatureInput, SignatureParameters } from './signature-input.ts';

/** What covers a part of the request that must be covered. */
const COVERS: readonly (readonly [part: string, by: readonly string[]])[] = [
  ['@method', ['@method']],
  ['@authority', ['@authority', '@target-uri']],
  ['@path', ['@path', '@target-uri', '@request-target']],
  ['@query', ['@query', '@target-uri', '@request-target']],
];

/** Throws SignatureError unless everything is covered that must be. */
export function checkCoverage({ components }: SignatureInput, hasBody: boolean, options: HttpSignatureOptions): void {
  const names = new Set(components.map(({ name }) => name));
  for (const [part, by] of COVERS) {
    if (!by.some((name) => names.has(name))) throw new SignatureError(`${part} is not covered`);
  }
  if (hasBody && !components.some(coversDigest)) throw new SignatureError('content-digest is not covered');
  const identities = new Set(components.map(({ identity }) => identity));
  for (const identity of options.requiredComponents) {
    if (!identities.has(identity)) throw new SignatureError(`${identity} is not covered`);
  }
}

/** The whole field, or a member of it that counts. */
export function coversDigest({ name, key, tr }: Component): boolean {
  return name === 'content-digest' && !tr && (key === null || isStrongDigest(key));
}

/** Throws SignatureError for parameters that are missing or do not suit the key. */
export function checkParameters(
  { keyid, alg, created, expires, nonce }: SignatureParameters,
  algorithm: SignatureAlgorithm,
  method: string,
  options: HttpSignatureOptions,
): void {
  if (keyid === undefined) throw new SignatureError('keyid is missing');
  if (created === undefined) throw new SignatureError('created is missing');
  if (expires !== undefined && expires < created) throw new SignatureError('expires is before created');
  if (alg !== undefined && alg !== algorithm) throw new SignatureError('alg is not the algorithm of the key');
  if (!options.algorithms.includes(algorithm)) throw new SignatureError(`${algorithm} does not count here`);
  if (options.nonceRequired && !nonce && !isSafeMethod(method)) throw new SignatureError('nonce is missing');
}

/** Throws SignatureError for a signature of another time. @param now milliseconds since 1970 */
export function checkAge({ created, expires }: SignatureParameters, now: number, options: HttpSignatureOptions): void {
  const age = now - (created as number) * 1000;
  if (age > options.maxAge * 1000) throw new SignatureError('created is too long ago');
  if (age < -options.skew * 1000) throw new SignatureError('created is in the future');
  if (expires !== undefined && now > expires * 1000) throw new SignatureError('it has expired');
}
