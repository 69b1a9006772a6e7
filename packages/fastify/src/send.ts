import type { HttpResponse } from '@rf/views';
import type { FastifyReply } from 'fastify';

/** Sends a finished answer through Fastify. */
export function send(reply: FastifyReply, response: HttpResponse): FastifyReply {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  for (const cookie of response.cookies) reply.header('set-cookie', cookie);
  const { content } = response;
  if (content === null || content === '') return reply.send();
  // As bytes: Fastify would add a charset to the media type of a text, which JSON does not have (RFC 8259, section 11).
  return reply.send(typeof content === 'string' ? Buffer.from(content) : content);
}
