import type { HttpResponse } from '@rf/views';
import type { FastifyReply } from 'fastify';

/** Sends a finished answer through Fastify. */
export function send(reply: FastifyReply, response: HttpResponse): FastifyReply {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  for (const cookie of response.cookies) reply.header('set-cookie', cookie);
  const { content } = response;
  if (content === null || content === '') return reply.send();
  // A serializer of our own: Fastify's would add a charset to the media type of JSON, which has none (RFC 8259, section 11).
  if (typeof content === 'string') reply.serializer(asItIs);
  return reply.send(content);
}

const asItIs = (payload: unknown): string => payload as string;
