import type { Request } from './request.ts';

/** True when the request has more than one line of this lower-case name: whoever is in front may have looked at another one. */
export function isRepeated(request: Request, name: string): boolean {
  const { rawHeaders } = request.http;
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const line = rawHeaders[at] as string;
    if (line.length === name.length && line.toLowerCase() === name) count += 1;
  }
  return count > 1;
}
