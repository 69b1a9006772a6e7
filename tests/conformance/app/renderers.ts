import { BaseRenderer, encodeJson, JSONRenderer } from '@rf/views';

const json = (value: unknown): string =>
  encodeJson(value, { indent: null, compact: true, unicode: true, strict: true });

export class PlainTextRenderer extends BaseRenderer {
  readonly mediaType = 'text/plain';
  readonly format = 'txt';

  render(data: unknown): string {
    if (data === null) return '';
    if (typeof data === 'string') return data;
    if (typeof data !== 'object' || Array.isArray(data)) return json(data);
    const show = (value: unknown): string => {
      const text = json(value);
      return text.startsWith('"') ? (JSON.parse(text) as string) : text;
    };
    return Object.keys(data)
      .sort()
      .map((key) => `${key}=${show((data as Record<string, unknown>)[key])}`)
      .join('\n');
  }
}

export class Latin1Renderer extends PlainTextRenderer {
  override readonly charset = 'iso-8859-1';
}

export class VendorRenderer extends JSONRenderer {
  override readonly mediaType = 'application/vnd.bookshop+json';
  override readonly format = 'vnd';
}

export class BytesRenderer extends BaseRenderer {
  readonly mediaType = 'application/x-bookshop';
  readonly format = 'bin';
  override readonly charset = null;

  render(data: unknown): Uint8Array {
    return data ? Buffer.from([0x00, 0x42, 0x4f, 0x4f, 0x4b, 0xff]) : Buffer.alloc(0);
  }
}
