import type { Logger } from '@rf/views';

/** Warnings and errors on stderr, one JSON line each; used when no server's logger is there. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (data, message) => write('warn', data, message),
  error: (data, message) => write('error', data, message),
};

function write(level: string, data: object, message: string): void {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), ...plain(data), msg: message })}\n`);
}

/** Errors have no enumerable properties, so JSON alone would show nothing of them. */
function plain(data: object): object {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, value instanceof Error ? (value.stack ?? String(value)) : value]),
  );
}
