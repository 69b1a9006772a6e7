import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending after its answer. */
const LINGER_MS = 1000;

/**
 * Closes the connection of a request in stages: first for writing, then, a second later or when the client is done, for reading.
 *
 * Closed at once, a client that is still sending would get a reset instead of its answer (RFC 9112, section 9.6).
 */
export function lingerOnClose(request: IncomingMessage): void {
  const { socket } = request;
  // What Node calls after the answer to a request with `Connection: close`.
  socket.destroySoon = () => {
    socket.end();
    request.resume();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
}
