import { createPrivateKey, createSecretKey } from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import { isCavageName } from './cavage-signing-string.ts';
import { readComponent } from './component.ts';
import type { HttpSignatureOptions, HttpSignatureSettings, ResponseSigner } from './http-signature-options.ts';
import { componentItem } from './sign-message.ts';
import {
  isSignatureAlgorithm,
  keyProblem,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './signature-algorithms.ts';

const LABEL = /^[a-z*][a-z0-9_\-.*]*$/;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Throws ImproperlyConfigured for settings that cannot work. */
export function readOptions(settings: HttpSignatureSettings): HttpSignatureOptions {
  const { maxAge = 300, skew = 60, algorithms = signatureAlgorithms, tag = null, label = null } = settings;
  needSeconds('maxAge', maxAge, 1);
  needSeconds('skew', skew, 0);
  for (const name of algorithms) needAlgorithm('algorithms', name);
  if (algorithms.length === 0) refuse('algorithms', 'an empty list', 'leave it out for all');
  if (label !== null && !LABEL.test(label)) refuse('label', `'${label}'`, "write one like 'sig1', in lower case");
  if (tag !== null && !PRINTABLE.test(tag)) refuse('tag', `'${tag}'`, 'write printable ASCII');
  const { requiredComponents = [], cavageHeaders = ['(request-target)', 'host', 'date'] } = settings;
  for (const text of requiredComponents) needComponent(text);
  needCavageHeaders(cavageHeaders);
  return {
    maxAge,
    skew,
    algorithms,
    tag,
    label,
    requiredComponents: requiredComponents.map((text) => readComponent(componentItem(text)).identity),
    nonceRequired: settings.nonceRequired ?? false,
    structuredFields: settings.structuredFields ?? {},
    signResponses: settings.signResponses === undefined ? null : readSigner(settings.signResponses),
    cavageHeaders,
  };
}

function refuse(member: string, found: string, fix: string): never {
  throw new ImproperlyConfigured(`httpSignature({ ${member} }) is ${found}; ${fix}.`);
}

function needSeconds(member: string, value: number, least: number): void {
  if (!Number.isFinite(value) || value < least) refuse(member, String(value), `write seconds, at least ${least}`);
}

function needAlgorithm(member: string, name: SignatureAlgorithm): void {
  if (!isSignatureAlgorithm(name))
    refuse(member, `'${String(name)}'`, `write some of ${signatureAlgorithms.join(', ')}`);
}

function needComponent(text: string): void {
  try {
    readComponent(componentItem(text));
  } catch {
    refuse('requiredComponents', `'${text}'`, `write a component like 'content-type' or '"@query-param";name="page"'`);
  }
}

function needCavageHeaders(names: readonly string[]): void {
  const fix = (advice: string): never => refuse('cavageHeaders', `[${names.join(', ')}]`, advice);
  if (!names.includes('(request-target)')) {
    fix('keep (request-target): without it a signature is good for every URL');
  }
  if (!names.includes('date') && !names.includes('(created)')) {
    fix('keep date: without it a signature counts for ever, and again once it is forgotten');
  }
  const wrong = names.find((name) => !isCavageName(name));
  if (wrong !== undefined) fix(`'${wrong}' is no name that a signature can list: write fields in lower case`);
}

function readSigner({ algorithm, key, ...rest }: ResponseSigner) {
  needAlgorithm('signResponses', algorithm);
  const opened = openKey(algorithm, key);
  if (typeof opened === 'string') refuse('signResponses', 'a key that cannot be read', opened);
  const problem = keyProblem(algorithm, opened);
  if (problem !== null) refuse('signResponses', `a key that ${problem}`, `give one for ${algorithm}`);
  return { ...rest, algorithm, key: opened };
}

function openKey(algorithm: SignatureAlgorithm, key: string | Uint8Array) {
  try {
    return algorithm === 'hmac-sha256' ? createSecretKey(Buffer.from(key)) : createPrivateKey(Buffer.from(key));
  } catch {
    return 'give the PEM text of a private key, or the bytes of a secret';
  }
}
