import { IntrospectedToken } from './introspected-token.ts';
import { IntrospectionFailure } from './introspection-failure.ts';
import type { ResolvedResourceServerOptions } from './resource-server-options.ts';

/** Bytes of an answer that are read at most. */
const MAX_BYTES = 64 * 1024;

/** The introspection endpoint of another server, as a client of it (RFC 7662). */
export class IntrospectionEndpoint {
  constructor(private readonly options: ResolvedResourceServerOptions) {}

  /**
   * Asks about a token; null when it is not active. `signal` ends the question.
   *
   * Throws IntrospectionFailure when there is no answer, or none that can be read.
   */
  async ask(token: string, signal: AbortSignal): Promise<IntrospectedToken | null> {
    const authorization = await this.authorization();
    const answer = await this.read(authorization, token, signal);
    if (!isObject(answer) || typeof answer.active !== 'boolean') {
      throw new IntrospectionFailure('its answer is no JSON object with a boolean named active');
    }
    return answer.active ? new IntrospectedToken(Object.freeze(answer)) : null;
  }

  private async read(authorization: string, token: string, signal: AbortSignal): Promise<unknown> {
    try {
      const response = await fetch(this.options.introspectionEndpoint, {
        method: 'POST',
        headers: { accept: 'application/json', authorization },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
        // Whoever is redirected to would be told the token and our credentials.
        redirect: 'manual',
        signal,
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new IntrospectionFailure(`it answered ${response.status}${hintFor(response.status)}`);
      }
      return parse(await readLimited(response));
    } catch (error) {
      if (error instanceof IntrospectionFailure) throw error;
      if (signal.aborted) throw new IntrospectionFailure(`it did not answer in ${this.options.timeoutSeconds} seconds`);
      throw new IntrospectionFailure(`it cannot be reached: ${reasonOf(error)}`);
    }
  }

  private async authorization(): Promise<string> {
    const { clientId, clientSecret, bearerToken } = this.options;
    if (bearerToken === null) {
      return `Basic ${Buffer.from(`${formEncode(clientId ?? '')}:${formEncode(clientSecret ?? '')}`).toString('base64')}`;
    }
    if (typeof bearerToken === 'string') return `Bearer ${bearerToken}`;
    try {
      return `Bearer ${await bearerToken()}`;
    } catch (error) {
      throw new IntrospectionFailure(`bearerToken() threw ${error instanceof Error ? error.name : 'something'}`);
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function hintFor(status: number): string {
  if (status === 401 || status === 403) return ', so it does not take the credentials of oauth2ResourceServer()';
  return status >= 300 && status < 400 ? ', and redirects are not followed' : '';
}

/** The code of a failed connection, `ECONNREFUSED` say. Not the message of anything that has seen the answer. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const { code, name } = isObject(cause) ? cause : {};
  return String(code ?? name ?? 'unknown');
}

async function readLimited(response: globalThis.Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new IntrospectionFailure(`its answer is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new IntrospectionFailure('its answer is no JSON');
  }
}

/** Both halves of Basic credentials are form-encoded before they are joined (RFC 6749, section 2.3.1). */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
