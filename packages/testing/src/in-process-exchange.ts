import { APIResponse } from './api-response.ts';
import type { InjectedRequest, InProcessServer } from './in-process-server.ts';
import { type CallSettings, runCall, TestCall } from './test-call.ts';

/** One request, complete. */
export interface SentRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
  /** True for https. */
  readonly secure: boolean;
  readonly remoteAddress: string;
}

/** Settings of one exchange. */
export interface ExchangeSettings extends CallSettings {
  /** Throws what a view threw and nobody handled, instead of giving back the answer 500. */
  readonly raiseRequestException: boolean;
}

/** Sends one request through a server, in process. */
export async function exchange(
  server: InProcessServer,
  sent: SentRequest,
  settings: ExchangeSettings,
): Promise<APIResponse> {
  const call = new TestCall({ ...settings, secure: sent.secure });
  const request: InjectedRequest = {
    // Fastify's type lists the methods that its router knows; a test may send others.
    method: sent.method as never,
    url: sent.target,
    headers: { ...sent.headers },
    ...(sent.content.length > 0 && { payload: sent.content }),
    remoteAddress: sent.remoteAddress,
  };
  // What inject() returns sends the request when its then() is called, so that must happen inside.
  const response = await runCall(server.rf, call, () => server.inject(request).then((answer) => answer));
  if (settings.raiseRequestException) call.rethrow();
  return new APIResponse({
    status: response.statusCode,
    headers: headersOf(response.headers),
    content: response.rawPayload,
    url: sent.target,
  });
}

function headersOf(values: Readonly<Record<string, number | string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, given] of Object.entries(values)) {
    for (const value of Array.isArray(given) ? given : [given]) {
      if (value !== undefined) headers.append(name, String(value));
    }
  }
  return headers;
}
