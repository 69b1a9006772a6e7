import {
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeItem,
  serializeList,
} from 'structured-headers';
import type { Component } from './component.ts';
import {
  type FieldLines,
  fieldValues,
  isResponse,
  type Message,
  normalizedAuthority,
  type RequestMessage,
} from './message.ts';
import { queryParam } from './query-param.ts';
import { SignatureError } from './signature-error.ts';
import { type StructuredFieldType, structuredFieldTypes } from './structured-field-types.ts';
import { byteSequence, serializeMember } from './structured-fields.ts';

/** Structured fields of a project by lower-case name, beside the well-known ones. */
export type StructuredFields = Readonly<Record<string, StructuredFieldType>>;

/** Value of a component of a message (RFC 9421, sections 2.1 and 2.2). Throws SignatureError when the message has none. */
export function componentValue(component: Component, message: Message, structured: StructuredFields = {}): string {
  const source = sourceOf(component, message);
  const value = component.name.startsWith('@')
    ? derivedValue(component, source)
    : fieldComponentValue(component, source, structured);
  // RFC 9421, section 2.5: anything else could begin a line of its own in what is signed.
  if (!/^[\x20-\x7e\t]*$/.test(value)) throw new SignatureError(`${component.text} is not ASCII text`);
  return value;
}

function sourceOf(component: Component, message: Message): Message {
  if (!component.req) return message;
  if (!isResponse(message)) throw new SignatureError(`${component.text} asks for the request of a request`);
  if (message.request === undefined) throw new SignatureError(`${component.text} needs the request`);
  return message.request;
}

function derivedValue({ name, text, param }: Component, message: Message): string {
  if (isResponse(message)) {
    if (name === '@status') return String(message.status);
    throw new SignatureError(`${text} is no part of a response`);
  }
  const { method, target, scheme } = message;
  switch (name) {
    case '@method':
      return method;
    case '@scheme':
      return scheme;
    case '@authority':
      return normalizedAuthority(message);
    case '@request-target':
      return target;
    case '@target-uri':
      return targetUri(message);
    case '@path':
      return originForm(message).path || '/';
    case '@query':
      return `?${originForm(message).query}`;
    case '@query-param':
      return queryParam(originForm(message).query, param as string);
    default:
      throw new SignatureError(`${text} is no part of a request`);
  }
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
  return target.startsWith('/') ? `${scheme}://${normalizedAuthority(message)}${target}` : target;
}

function fieldComponentValue(component: Component, message: Message, structured: StructuredFields): string {
  const lines: FieldLines = component.tr ? (message.trailers ?? []) : message.fields;
  const values = fieldValues(lines, component.name);
  if (values.length === 0) throw new SignatureError(`${component.text} is not in the message`);
  if (component.bs) return values.map((value) => byteSequence(Buffer.from(value, 'latin1'))).join(', ');
  const joined = values.join(', ');
  return component.sf || component.key !== null ? structuredValue(component, joined, structured) : joined;
}

function structuredValue({ name, text, key }: Component, value: string, structured: StructuredFields): string {
  const type = structured[name] ?? (Object.hasOwn(structuredFieldTypes, name) ? structuredFieldTypes[name] : undefined);
  if (type === undefined) throw new SignatureError(`${text} is not known to be a structured field`);
  try {
    if (key === null) return serializeAs(type, value);
    const member = type === 'dictionary' ? parseDictionary(value).get(key) : undefined;
    if (member !== undefined) return serializeMember(member);
  } catch {
    throw new SignatureError(`${text} cannot be read as a structured field`);
  }
  throw new SignatureError(`${text} has no such member`);
}

function serializeAs(type: StructuredFieldType, value: string): string {
  if (type === 'dictionary') return serializeDictionary(parseDictionary(value));
  return type === 'list' ? serializeList(parseList(value)) : serializeItem(parseItem(value));
}
