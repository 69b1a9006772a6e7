import type { HttpResponse } from '@rf/views';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lingerOnClose } from './lingering-close.ts';

/** Largest rest of a body that is read to its end only to keep the connection. */
const MAX_DISCARDED = 65_536;

/** Sends a finished answer through Fastify. Never throws: an answer that cannot be sent becomes a 500. */
export function send(request: FastifyRequest, reply: FastifyReply, response: HttpResponse): void {
  try {
    if (!request.raw.complete) leaveBody(request, reply);
    write(reply, response);
  } catch (error) {
    // For instance a header value with a line break.
    request.log.error({ err: { message: (error as Error).message }, reqId: request.id }, 'an answer could not be sent');
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name);
    reply
      .code(500)
      .header('x-request-id', request.id)
      .serializer(asItIs)
      .type('application/json')
      .send('{"detail":"A server error occurred."}');
  }
}

function write(reply: FastifyReply, response: HttpResponse): void {
  // The client of a 1xx would go on waiting for the answer.
  if (response.status < 200) throw new RangeError(`a view cannot answer with the status ${response.status}`);
  reply.code(response.status);
  reply.header('x-request-id', reply.request.id);
  addHeaders(reply, response);
  const { content } = response;
  if (content === null || content === '') {
    reply.send();
    return;
  }
  // A serializer of our own: Fastify's would add a charset to the media type of JSON, which has none (RFC 8259, section 11).
  if (typeof content === 'string') reply.serializer(asItIs);
  reply.send(content);
}

/** Adds the fields and cookies of an answer to what plugins of the server and the route have said. */
export function addHeaders(reply: FastifyReply, response: HttpResponse): void {
  response.headers.forEach((value, name) => {
    // What plugins of the server said before, such as `Origin`, holds as well.
    if (name === 'vary' && reply.hasHeader('vary')) reply.header('vary', `${reply.getHeader('vary')}, ${value}`);
    else reply.header(name, value);
  });
  for (const cookie of response.cookies) reply.header('set-cookie', cookie);
}

const asItIs = (payload: unknown): string => payload as string;

/** The view did not want the body, or refused it. A small rest is discarded; for a large one the connection is closed. */
function leaveBody(request: FastifyRequest, reply: FastifyReply): void {
  const { headers } = request.raw;
  if (headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= MAX_DISCARDED) return;
  reply.header('connection', 'close');
  lingerOnClose(request.raw);
}
