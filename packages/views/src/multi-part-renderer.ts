import { randomBytes } from 'node:crypto';
import { MultiValueDict } from './multi-value-dict.ts';
import { BaseRenderer } from './renderers.ts';
import { UploadedFile } from './uploaded-file.ts';

/**
 * A form with files, `multipart/form-data` (RN08): what a test client sends, not what an API answers.
 *
 * Takes an object or a {@link MultiValueDict}: texts, numbers, booleans, dates, {@link UploadedFile}s, and lists of these, which
 * become several fields of one name. Throws a TypeError for null and for nested objects, which a form cannot hold.
 */
export class MultiPartRenderer extends BaseRenderer {
  readonly boundary = `rf-${randomBytes(16).toString('hex')}`;
  readonly mediaType = `multipart/form-data; boundary=${this.boundary}`;
  readonly format = 'multipart';

  override render(data: unknown): Uint8Array {
    const parts = fieldsOf(data).flatMap(([name, value]) => [
      Buffer.from(`--${this.boundary}\r\n`),
      ...encodeField(name, value),
      Buffer.from('\r\n'),
    ]);
    return Buffer.concat([...parts, Buffer.from(`--${this.boundary}--\r\n`)]);
  }
}

function fieldsOf(data: unknown): (readonly [string, unknown])[] {
  if (data === null || data === undefined) return [];
  if (typeof data !== 'object' || Array.isArray(data)) {
    throw new TypeError(`A form is made of an object with named fields; it was given ${describe(data)}.`);
  }
  const entries: Iterable<readonly [string, unknown]> = data instanceof MultiValueDict ? data : Object.entries(data);
  return [...entries].flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((item) => [name, item] as const) : [[name, value] as const],
  );
}

function encodeField(name: string, value: unknown): Buffer[] {
  const disposition = `Content-Disposition: form-data; name="${quote(name)}"`;
  if (value instanceof UploadedFile) {
    const type = value.contentType === '' ? 'application/octet-stream' : value.contentType;
    const head = `${disposition}; filename="${quote(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`;
    return [Buffer.from(head), value.bytes()];
  }
  return [Buffer.from(`${disposition}\r\n\r\n${textOf(name, value)}`)];
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) {
    throw new TypeError(
      `A form cannot hold ${value} for ${JSON.stringify(name)}: pass an empty text or leave the field out.`,
    );
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  throw new TypeError(
    `A form cannot hold ${describe(value)} for ${JSON.stringify(name)}: forms do not nest. Send it as JSON: format: 'json'.`,
  );
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const { name = 'Object' } = (value.constructor ?? {}) as { name?: string };
  return name === 'Object' ? 'an object' : `a ${name}`;
}

/** What browsers write for characters that would end the quoted name (HTML standard, multipart/form-data encoding). */
function quote(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
