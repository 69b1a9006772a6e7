import { Readable } from 'node:stream';
import type { Request } from './request.ts';
import type { Content, HttpResponse } from './response.ts';

/** True for content that is sent piece by piece. */
export function isStream(content: Content): content is AsyncIterable<string | Uint8Array> {
  return content !== null && typeof content === 'object' && Symbol.asyncIterator in content;
}

/**
 * Takes the first piece of a response's stream, so that what goes wrong before it is still answered as an error. A HEAD request gets
 * no body, so its stream is not begun. Node's own streams pass as they are.
 */
export async function startStream(response: HttpResponse, request: Request): Promise<void> {
  const source = response.content;
  if (!isStream(source)) return;
  if (request.method === 'HEAD') {
    if (source instanceof Readable) source.destroy();
    response.content = null;
  } else if (!(source instanceof Readable)) {
    const iterator = source[Symbol.asyncIterator]();
    response.content = Readable.from(continueFrom(await iterator.next(), iterator));
  }
}

async function* continueFrom(
  first: IteratorResult<string | Uint8Array>,
  iterator: AsyncIterator<string | Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  let piece = first;
  try {
    while (!piece.done) {
      if (typeof piece.value !== 'string' && !(piece.value instanceof Uint8Array)) {
        throw new TypeError(`a streamed response yielded ${typeof piece.value}; it yields text or bytes`);
      }
      if (piece.value.length > 0) yield piece.value;
      piece = await iterator.next();
    }
  } finally {
    // Also when the client left: the source may hold a cursor or a file.
    if (!piece.done) await iterator.return?.();
  }
}
