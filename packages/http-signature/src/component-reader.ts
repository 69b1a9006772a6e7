import {
  type Dictionary,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeItem,
  serializeList,
} from 'structured-headers';
import type { Component } from './component.ts';
import {
  type FieldIndex,
  fieldIndex,
  isResponse,
  type Message,
  normalizedAuthority,
  type RequestMessage,
} from './message.ts';
import { type QueryParams, queryParam, readQueryParams } from './query-param.ts';
import { SignatureError } from './signature-error.ts';
import { type StructuredFieldType, structuredFieldTypes } from './structured-field-types.ts';
import { byteSequence, serializeMember } from './structured-fields.ts';

/** Structured fields of a project by lower-case name, beside the well-known ones. */
export type StructuredFields = Readonly<Record<string, StructuredFieldType>>;

/**
 * Reads components of one message. Its fields, dictionaries and query are taken apart once, however many components ask for them: a
 * header of 8 KiB names hundreds.
 */
export class ComponentReader {
  readonly #message: Message;
  readonly #structured: StructuredFields;
  #fields?: FieldIndex;
  #trailers?: FieldIndex;
  #query?: QueryParams;
  #request?: ComponentReader;
  readonly #dictionaries = new Map<string, Dictionary>();

  constructor(message: Message, structured: StructuredFields = {}) {
    this.#message = message;
    this.#structured = structured;
  }

  /** Value of a component (RFC 9421, sections 2.1 and 2.2). Throws SignatureError when the message has none. */
  read(component: Component): string {
    const source = component.req ? this.#requestOf(component) : this;
    const value = component.name.startsWith('@') ? source.#derived(component) : source.#field(component);
    // RFC 9421, section 2.5: anything else could begin a line of its own in what is signed.
    if (!/^[\x20-\x7e\t]*$/.test(value)) throw new SignatureError(`${component.text} is not ASCII text`);
    return value;
  }

  #requestOf({ text }: Component): ComponentReader {
    if (!isResponse(this.#message)) throw new SignatureError(`${text} asks for the request of a request`);
    if (this.#message.request === undefined) throw new SignatureError(`${text} needs the request`);
    this.#request ??= new ComponentReader(this.#message.request, this.#structured);
    return this.#request;
  }

  #derived({ name, text, param }: Component): string {
    const message = this.#message;
    if (isResponse(message)) {
      if (name === '@status') return String(message.status);
      throw new SignatureError(`${text} is no part of a response`);
    }
    switch (name) {
      case '@method':
        return message.method;
      case '@scheme':
        return message.scheme;
      case '@authority':
        return normalizedAuthority(message);
      case '@request-target':
        return message.target;
      case '@target-uri':
        return targetUri(message);
      case '@path':
        return originForm(message).path || '/';
      case '@query':
        return `?${originForm(message).query}`;
      case '@query-param':
        this.#query ??= readQueryParams(originForm(message).query);
        return queryParam(this.#query, param as string);
      default:
        throw new SignatureError(`${text} is no part of a request`);
    }
  }

  #field(component: Component): string {
    const values = this.#lines(component).get(component.name);
    if (values === undefined) throw new SignatureError(`${component.text} is not in the message`);
    if (component.bs) return values.map((value) => byteSequence(Buffer.from(value, 'latin1'))).join(', ');
    return component.sf || component.key !== null ? this.#structuredValue(component, values) : values.join(', ');
  }

  #lines({ tr }: Component): FieldIndex {
    if (!tr) return (this.#fields ??= fieldIndex(this.#message.fields));
    return (this.#trailers ??= fieldIndex(this.#message.trailers ?? []));
  }

  #structuredValue(component: Component, values: readonly string[]): string {
    const { name, text, key } = component;
    const wellKnown = Object.hasOwn(structuredFieldTypes, name) ? structuredFieldTypes[name] : undefined;
    const type = Object.hasOwn(this.#structured, name) ? this.#structured[name] : wellKnown;
    if (type === undefined) throw new SignatureError(`${text} is not known to be a structured field`);
    try {
      if (key === null) return serializeAs(type, values.join(', '));
      const member = type === 'dictionary' ? this.#dictionary(component, values).get(key) : undefined;
      if (member !== undefined) return serializeMember(member);
    } catch {
      throw new SignatureError(`${text} cannot be read as a structured field`);
    }
    throw new SignatureError(`${text} has no such member`);
  }

  #dictionary({ name, tr }: Component, values: readonly string[]): Dictionary {
    const place = `${tr ? 'trailer' : 'header'} ${name}`;
    let dictionary = this.#dictionaries.get(place);
    if (dictionary === undefined) {
      dictionary = parseDictionary(values.join(', '));
      this.#dictionaries.set(place, dictionary);
    }
    return dictionary;
  }
}

/** Value of one component of a message (RFC 9421, sections 2.1 and 2.2). Throws SignatureError when the message has none. */
export function componentValue(component: Component, message: Message, structured: StructuredFields = {}): string {
  return new ComponentReader(message, structured).read(component);
}

/** Path and query as sent. */
function originForm({ target }: RequestMessage): { path: string; query: string } {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  if (local === target && !target.startsWith('/')) throw new SignatureError('the request target has no path');
  const at = local.indexOf('?');
  return at === -1 ? { path: local, query: '' } : { path: local.slice(0, at), query: local.slice(at + 1) };
}

function targetUri(message: RequestMessage): string {
  const { scheme, target } = message;
  // RFC 9112, section 3.3: "*" is the whole server, and the target of CONNECT no URI.
  if (target === '*') return `${scheme}://${normalizedAuthority(message)}`;
  if (target.startsWith('/')) return `${scheme}://${normalizedAuthority(message)}${target}`;
  if (!/^https?:\/\//i.test(target)) throw new SignatureError('the request target is no URI');
  return target;
}

function serializeAs(type: StructuredFieldType, value: string): string {
  if (type === 'dictionary') return serializeDictionary(parseDictionary(value));
  return type === 'list' ? serializeList(parseList(value)) : serializeItem(parseItem(value));
}
