import { APIView, MultiValueDict, Response, type Site, UploadedFile } from '@rf/views';
import { incomingRequest } from './incoming-request.ts';
import { mountAlone } from './mount-alone.ts';

/** How the body of a request is written. */
export interface BodyOptions {
  /** `json`, `multipart`, or another of the setting `testRequestRendererClasses`; default `testRequestDefaultFormat`. */
  readonly format?: string;
  /** The media type of a body that is ready: `data` is then text or bytes. */
  readonly contentType?: string;
}

/** A body that can be sent. */
export interface RequestBody {
  readonly content: Buffer;
  /** Null for no `Content-Type`. */
  readonly contentType: string | null;
}

/**
 * Writes `data` in a format (TE01). Files are `File`, `Blob` or {@link UploadedFile} values of the data; a `FormData` is a form.
 *
 * Throws a TypeError for a format that no renderer has, for format and contentType together, and for what the format cannot hold.
 */
export async function encodeBody(site: Site, data: unknown, options: BodyOptions): Promise<RequestBody> {
  const { format, contentType } = options;
  if (format !== undefined && contentType !== undefined) {
    throw new TypeError('A test request takes a format or a contentType, not both: the format brings its media type.');
  }
  if (data === undefined || data === null) return { content: Buffer.alloc(0), contentType: contentType ?? null };
  if (contentType !== undefined) return { content: readyBytes(data, contentType), contentType };
  return render(site, format ?? site.settings.testRequestDefaultFormat, await withFiles(data));
}

function readyBytes(data: unknown, contentType: string): Buffer {
  if (typeof data === 'string' || data instanceof Uint8Array) return Buffer.from(data);
  throw new TypeError(
    `With contentType ${JSON.stringify(contentType)} the data is text or bytes that are sent as they are; ` +
      "to have it written, give a format: { format: 'json' }.",
  );
}

function render(site: Site, format: string, data: unknown): RequestBody {
  const renderers = site.settings.testRequestRendererClasses.map((Renderer) => new Renderer());
  const renderer = renderers.find((each) => each.format === format);
  if (renderer === undefined) {
    throw new TypeError(
      `There is no test request format ${JSON.stringify(format)}. Available are ${renderers.map((each) => each.format).join(', ')}; ` +
        'add others with the setting testRequestRendererClasses.',
    );
  }
  const content = Buffer.from(renderer.render(data, renderer.mediaType, contextOf(site)));
  const charset = renderer.charset === null ? '' : `; charset=${renderer.charset}`;
  return { content, contentType: renderer.mediaType + charset };
}

/** Answers nothing; renderers want to know a view. */
class BodyView extends APIView {
  override post(): Response {
    return new Response();
  }
}

function contextOf(site: Site) {
  const { view, request } = mountAlone(BodyView, site).prepare(incomingRequest('POST', '/'), {});
  return { view, request, response: new Response(), params: {} };
}

/** A copy of the data in which each file is one that can be read at once. */
async function withFiles(data: unknown): Promise<unknown> {
  if (data instanceof FormData) {
    const fields = new MultiValueDict<unknown>();
    for (const [name, value] of data) fields.append(name, await readFile(name, value));
    return fields;
  }
  if (typeof data !== 'object' || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data;
  const entries = Object.entries(data).map(async ([name, value]) => [
    name,
    Array.isArray(value) ? await Promise.all(value.map((item) => readFile(name, item))) : await readFile(name, value),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

async function readFile(field: string, value: unknown): Promise<unknown> {
  if (!(value instanceof Blob)) return value;
  const name = 'name' in value ? String(value.name) : field;
  return new UploadedFile(name, value.type, Buffer.from(await value.arrayBuffer()));
}
