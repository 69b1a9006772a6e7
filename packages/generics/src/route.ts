/**
 * One URL that a router makes for each viewset (RT06). `{prefix}`, `{lookup}`, `{trailingSlash}` and, in names,
 * `{basename}` stand for the viewset's own.
 */
export class Route {
  /** `/{prefix}/{lookup}{trailingSlash}` */
  readonly url: string;
  /** Methods of the viewset by lower-case HTTP method; those that it does not have are left out. */
  readonly mapping: Readonly<Record<string, string>>;
  /** `{basename}-detail` */
  readonly name: string;
  /** True for a URL of one object. */
  readonly detail: boolean;
  /** Attributes of the view at this URL. */
  readonly initial: Readonly<Record<string, unknown>>;

  constructor(options: Route) {
    this.url = options.url;
    this.mapping = options.mapping;
    this.name = options.name;
    this.detail = options.detail;
    this.initial = options.initial;
  }
}

/** The URLs of the extra actions of each viewset: `{urlPath}` and, in the name, `{urlName}` stand for the action's own. */
export class DynamicRoute {
  /** `/{prefix}/{urlPath}{trailingSlash}` */
  readonly url: string;
  /** `{basename}-{urlName}` */
  readonly name: string;
  /** Which actions: those of one object, or those of the list. */
  readonly detail: boolean;
  /** Attributes of the view at these URLs; the action's own come on top. */
  readonly initial: Readonly<Record<string, unknown>>;

  constructor(options: DynamicRoute) {
    this.url = options.url;
    this.name = options.name;
    this.detail = options.detail;
    this.initial = options.initial;
  }
}
