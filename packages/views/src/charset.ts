import { MediaType } from './media-type.ts';

/**
 * Reads bytes as text in the charset that `contentType` names; UTF-8 without one, or where the name is unknown (PA06).
 */
export function decodeText(body: Buffer, contentType: string): string {
  const charset = contentType.includes('charset') ? new MediaType(contentType).params.get('charset') : undefined;
  if (charset === undefined || /^utf-?8$/i.test(charset)) return body.toString('utf8');
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8');
  }
}
