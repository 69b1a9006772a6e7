import { APIView, type Request, Response, type Site } from '@rf/views';
import { type APIResponse, toAPIResponse } from './api-response.ts';
import { incomingRequest, type IncomingOptions } from './incoming-request.ts';
import { mountAlone } from './mount-alone.ts';
import { TestCall } from './test-call.ts';

/** Runs work that needs a request, and no more of a view. */
class WorkView extends APIView {
  work!: (request: Request) => Promise<void>;

  override initial(): void {}

  override async post(request: Request): Promise<Response> {
    await this.work(request);
    return new Response(undefined, { status: 204 });
  }
}

/** Runs `work` with a request of its own, as a view would; returns the answer with the cookies that it set. Throws what it throws. */
export async function runWork(
  site: Site,
  options: IncomingOptions,
  work: (request: Request) => Promise<void>,
): Promise<APIResponse> {
  const mounted = mountAlone({ view: WorkView, initial: { work } }, site);
  const { view, request } = mounted.prepare(incomingRequest('POST', '/', options), {});
  const call = new TestCall({ forced: null, enforceCsrfChecks: false });
  call.apply(request);
  const response = await view.dispatch(request);
  call.rethrow();
  return toAPIResponse(response, '/');
}
