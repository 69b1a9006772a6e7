import { defineProject, OfflineSite } from '@rf/project';
import type { Mountable, MountedView, Params, Settings, Site } from '@rf/views';
import type { APIRequest } from './api-request.ts';
import { type APIResponse, toAPIResponse } from './api-response.ts';
import { mountAlone } from './mount-alone.ts';
import { silentLogger } from './silent-logger.ts';
import { TestCall } from './test-call.ts';

/** Where a view is called. */
export interface AsViewOptions {
  /** An open project; without one there is no database. */
  readonly site?: Site;
  /** Settings where there is no site. */
  readonly settings?: Partial<Settings>;
  /** Throws what the view threw and nobody handled; default true. False gives back the answer 500. */
  readonly raiseRequestException?: boolean;
}

/** A view that a test calls: with a request and the arguments of the URL. */
// any: a test knows what it asked for, or names the type
export type CallableView = <Data = any>(request: APIRequest, params?: Params) => Promise<APIResponse<Data>>;

/**
 * A view as a function of requests, without URL and server: policies, parsers and renderers do what they do behind a URL.
 *
 * ```ts
 * const detail = asView(NoteDetail, { site: notes.site });
 * const response = await detail(factory.get('/notes/4/'), { pk: '4' });
 * ```
 *
 * @param view a view class, a function view, or `NoteViewSet.asView({ get: 'list' })`
 * The call throws ImproperlyConfigured for a view that cannot work, with the arguments it is given.
 */
export function asView(view: Mountable, options: AsViewOptions = {}): CallableView {
  const { site = siteOf(options.settings), raiseRequestException = true } = options;
  const mounted = new Map<string, MountedView>();
  const mountedFor = (names: readonly string[]): MountedView => {
    const key = names.join(' ');
    let known = mounted.get(key);
    if (known === undefined) mounted.set(key, (known = mountAlone(view, site, names)));
    return known;
  };
  return async (request, params = {}) => {
    const prepared = mountedFor(Object.keys(params)).prepare(await request.toHttpRequest(site), params);
    const call = new TestCall({ forced: request.forced, enforceCsrfChecks: request.parts.enforceCsrfChecks });
    call.apply(prepared.request);
    const response = await prepared.view.dispatch(prepared.request);
    if (raiseRequestException) call.rethrow();
    return toAPIResponse(response, request.target);
  };
}

function siteOf(settings: Partial<Settings> = {}): Site {
  const logger = silentLogger;
  return new OfflineSite(defineProject({ apps: [], database: 'pglite://memory', urls: [], settings, logger }));
}
