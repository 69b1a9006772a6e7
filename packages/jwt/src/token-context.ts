import type { Request, Site } from '@rf/views';

/** A project, or a request of it: where tokens find their options, keys and tables, and the open transaction. */
export type TokenContext = Site | Request;
