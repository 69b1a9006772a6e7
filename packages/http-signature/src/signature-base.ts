import type { Component } from './component.ts';
import { ComponentReader, type StructuredFields } from './component-reader.ts';
import type { Message } from './message.ts';

/**
 * The text that is signed (RFC 9421, section 2.5): a line for each component, then the parameters.
 *
 * Throws SignatureError when the message lacks a component.
 *
 * @param parameters the label's member of `Signature-Input`, as it is or will be sent
 */
export function signatureBase(
  components: readonly Component[],
  parameters: string,
  message: Message,
  structured: StructuredFields = {},
): string {
  const reader = new ComponentReader(message, structured);
  const lines = components.map((component) => `${component.text}: ${reader.read(component)}`);
  return [...lines, `"@signature-params": ${parameters}`].join('\n');
}
