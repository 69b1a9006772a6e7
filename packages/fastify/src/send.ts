import type { HttpResponse } from '@rf/views';
import type { FastifyReply } from 'fastify';

/** Sends a finished answer through Fastify. */
export function send(reply: FastifyReply, response: HttpResponse): FastifyReply {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  for (const cookie of response.cookies) reply.header('set-cookie', cookie);
  const { content } = response;
  if (content === null || content === '') return reply.send();
  return reply.send(content);
}
