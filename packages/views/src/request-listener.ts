import type { Request } from './request.ts';
import { resourceKey } from './site.ts';

/** Called with each request before its view answers it; may settle who the request is from, or add response listeners. */
export type RequestListener = (request: Request) => void;

/**
 * The listeners of a site, to which any may be added: for what concerns every request whatever its view, such as a tracer.
 *
 * ```ts
 * site.resource(requestListeners).push((request) => request.onResponse(measure));
 * ```
 */
export const requestListeners = resourceKey<RequestListener[]>('request listeners');
