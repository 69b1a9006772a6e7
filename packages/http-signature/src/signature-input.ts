import type { BareItem, InnerList } from 'structured-headers';
import { type Component, readComponents } from './component.ts';
import { fieldValue, type Message } from './message.ts';
import { SignatureError } from './signature-error.ts';
import { bytesOf, isInnerList, readCanonicalDictionary, serializeMember } from './structured-fields.ts';

/** Parameters of a signature (RFC 9421, section 2.3). */
export interface SignatureParameters {
  /** Seconds since 1970 when it was made. */
  readonly created?: number;
  /** Seconds since 1970 after which it does not count. */
  readonly expires?: number;
  readonly nonce?: string;
  readonly alg?: string;
  readonly keyid?: string;
  /** Names the application that it is made for. */
  readonly tag?: string;
}

/** What a label of `Signature-Input` says. */
export interface SignatureInput {
  readonly label: string;
  readonly components: readonly Component[];
  readonly parameters: SignatureParameters;
  /** The member's text: the value of `@signature-params`. */
  readonly text: string;
}

const SECONDS = ['created', 'expires'] as const;
const TEXTS = ['nonce', 'alg', 'keyid', 'tag'] as const;

/** Every label of a message's `Signature-Input`. Throws SignatureError when the field cannot be read. */
export function readSignatureInputs(message: Message): { label: string; member: InnerList }[] {
  const field = fieldValue(message.fields, 'signature-input') ?? '';
  return [...readCanonicalDictionary('Signature-Input', field)].map(([label, member]) => {
    if (!isInnerList(member)) throw new SignatureError(`${label} of Signature-Input is no list`);
    return { label, member };
  });
}

/** Reads one label. Throws SignatureError for components or parameters that cannot be. */
export function readSignatureInput(label: string, member: InnerList): SignatureInput {
  return {
    label,
    components: readComponents(member),
    parameters: readParameters(member[1]),
    text: serializeMember(member),
  };
}

/** Parameters that the RFC defines; others are signed but say nothing to us. */
export function readParameters(params: ReadonlyMap<string, BareItem>): SignatureParameters {
  const read: Record<string, string | number> = {};
  for (const name of SECONDS) {
    const value = params.get(name);
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw new SignatureError(`${name} is no whole number`);
    read[name] = value;
  }
  for (const name of TEXTS) {
    const value = params.get(name);
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new SignatureError(`${name} is no string`);
    read[name] = value;
  }
  return read;
}

/** The bytes of a label's signature. Throws SignatureError when there are none. */
export function readSignature(message: Message, label: string): Buffer {
  const field = fieldValue(message.fields, 'signature') ?? '';
  const bytes = bytesOf(readCanonicalDictionary('Signature', field).get(label));
  if (bytes === null) throw new SignatureError(`${label} has no signature`);
  return bytes;
}

/** What a message says of one label. Throws SignatureError when it cannot be read or is not there. */
export function readLabelInput(message: Message, label: string): SignatureInput {
  const found = readSignatureInputs(message).find((input) => input.label === label);
  if (found === undefined) throw new SignatureError(`Signature-Input has no ${label}`);
  return readSignatureInput(label, found.member);
}
