import type { App, ProjectSite } from '@rf/project';
import type { Awaitable, UrlEntry } from '@rf/views';

/** A line to paste into a terminal, and what it shows. */
export type Hint = readonly [what: string, command: string];

/** One authentication scheme on one endpoint: what it adds to the project, and how to try it. */
export interface Scheme {
  readonly apps?: readonly App[];
  readonly urls: readonly UrlEntry[];
  /** Makes what the lines need, at each start, and gives the lines. Alice is there. */
  hints(site: ProjectSite, origin: string): Awaitable<readonly Hint[]>;
}
