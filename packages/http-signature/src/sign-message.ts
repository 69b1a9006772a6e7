import type { KeyObject } from 'node:crypto';
import { type BareItem, type InnerList, type Item, parseItem } from 'structured-headers';
import type { StructuredFields } from './component-reader.ts';
import type { Message } from './message.ts';
import { createSignature, type SignatureAlgorithm } from './signature-algorithms.ts';
import { signatureBase } from './signature-base.ts';
import { readSignatureInput, type SignatureParameters } from './signature-input.ts';
import { byteSequence, serializeMember } from './structured-fields.ts';

/** With what a message is signed. */
export interface MessageSigner {
  readonly algorithm: SignatureAlgorithm;
  /** A private key, or the secret of `hmac-sha256`. */
  readonly key: KeyObject;
  /** Components in their order: `@method`, `content-type`, `"content-digest";req`. */
  readonly components: readonly string[];
  readonly parameters: SignatureParameters;
  /** Default `sig1`. */
  readonly label?: string;
  readonly structuredFields?: StructuredFields;
}

/** The values of `Signature-Input` and `Signature` for a message. Throws SignatureError when it lacks a component. */
export function signMessage(
  message: Message,
  { algorithm, key, components, parameters, label = 'sig1', structuredFields }: MessageSigner,
): { signatureInput: string; signature: string } {
  const { created, expires, nonce, alg, keyid, tag } = parameters;
  const entries = Object.entries({ created, expires, nonce, alg, keyid, tag }).filter(
    ([, value]) => value !== undefined,
  );
  const member: InnerList = [components.map(componentItem), new Map(entries as [string, BareItem][])];
  const input = readSignatureInput(label, member);
  const base = signatureBase(input.components, input.text, message, structuredFields);
  return {
    signatureInput: `${label}=${serializeMember(member)}`,
    signature: `${label}=${byteSequence(createSignature(algorithm, key, base))}`,
  };
}

/** `content-type` or, with parameters, `"content-type";req` as an item. */
export function componentItem(text: string): Item {
  return text.startsWith('"') ? parseItem(text) : [text, new Map()];
}
