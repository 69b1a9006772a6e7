import type { AuthenticationClass } from './authentication.ts';
import type { ExceptionHandler } from './exception-handler.ts';
import type { MetadataClass } from './metadata.ts';
import type { ContentNegotiationClass } from './negotiation.ts';
import type { ParserClass } from './parsers.ts';
import type { PermissionClass } from './permissions.ts';
import type { RendererClass } from './renderers.ts';
import type { RequestUser } from './request-user.ts';
import type { Storage } from './storage.ts';
import type { ThrottleClass } from './throttling.ts';
import type { ThrottleStore } from './throttle-store.ts';
import type { VersioningClass } from './versioning.ts';
import type { TemplateEngine } from './templates.ts';

/** Behaviour of a whole project; every key has a default (DRF feature rows SG01–SG04). See `docs/settings.md`. */
export interface Settings {
  // Policies of views that declare none
  readonly defaultRendererClasses: readonly RendererClass[];
  readonly defaultParserClasses: readonly ParserClass[];
  readonly defaultAuthenticationClasses: readonly AuthenticationClass[];
  readonly defaultPermissionClasses: readonly PermissionClass[];
  readonly defaultThrottleClasses: readonly ThrottleClass[];
  readonly defaultContentNegotiationClass: ContentNegotiationClass;
  readonly defaultMetadataClass: MetadataClass | null;
  readonly defaultVersioningClass: VersioningClass | null;

  // Authentication
  /** Makes `request.user` of a request without credentials; null for no user object at all. */
  readonly unauthenticatedUser: (() => RequestUser) | null;
  /** Makes `request.auth` of such a request; null for null. */
  readonly unauthenticatedToken: (() => unknown) | null;

  // Throttling
  /** Rate by scope, such as `{ user: '1000/day' }`; null is unlimited. */
  readonly defaultThrottleRates: Readonly<Record<string, string | null>>;
  /** Proxies in front of the server, for the client's address in throttling; null takes the whole X-Forwarded-For. */
  readonly numProxies: number | null;
  /** Where throttles count; process memory unless set. */
  readonly throttleStore: ThrottleStore | null;
  /** Tell limits and what is left of them in `RateLimit-Policy` and `RateLimit`. */
  readonly rateLimitHeaders: boolean;

  // Versioning
  readonly defaultVersion: string | null;
  /** null allows any. */
  readonly allowedVersions: readonly string[] | null;
  readonly versionParam: string;

  // Errors
  readonly exceptionHandler: ExceptionHandler;
  readonly nonFieldErrorsKey: string;

  // Content
  /** Query parameter that overrides negotiation; null for none. */
  readonly urlFormatOverride: string | null;
  readonly formatSuffixKwarg: string;
  readonly urlFieldName: string;
  /** No spaces in JSON. */
  readonly compactJson: boolean;
  /** Non-ASCII characters as they are in JSON. */
  readonly unicodeJson: boolean;
  /** Refuse NaN and Infinity, in and out. */
  readonly strictJson: boolean;
  readonly coerceDecimalToString: boolean;
  readonly coerceBigintToString: boolean;
  readonly uploadedFilesUseUrl: boolean;
  /** Where uploaded files are kept; null for nowhere. */
  readonly storage: Storage | null;
  /** Refuse unknown keys of input in every serializer that does not say otherwise. */
  readonly unknownFields: 'ignore' | 'reject';
  /** Renders templates for TemplateHTMLRenderer. */
  readonly templates: TemplateEngine | null;

  // Generic views (used by @rf/generics)
  readonly defaultPaginationClass: (new () => object) | null;
  readonly pageSize: number | null;
  readonly defaultFilterBackends: readonly (new () => object)[];
  readonly searchParam: string;
  readonly orderingParam: string;

  // Names of views
  readonly viewNameFunction: ((view: object) => string) | null;
  readonly viewDescriptionFunction: ((view: object) => string) | null;

  // Tests (used by @rf/testing)
  /** Format of the bodies that a test client sends, when a test names none. */
  readonly testRequestDefaultFormat: string;
  /** What makes the bodies that a test client sends, found by their `format`. */
  readonly testRequestRendererClasses: readonly RendererClass[];

  // Limits
  /** Bytes of a body that is no upload; larger is 413. */
  readonly dataUploadMaxMemorySize: number;
  /** Bytes of a multipart body or a file upload; larger is 413. */
  readonly fileUploadMaxSize: number;
  readonly dataUploadMaxNumberFields: number;
  readonly dataUploadMaxNumberFiles: number;
  /** Nesting of arrays and objects in a JSON body. */
  readonly maxJsonDepth: number;

  // Deployment
  /**
   * Proxies whose X-Forwarded-Proto, -Host and -For are believed: a number counts hops from the right. 0 believes nobody.
   */
  readonly trustedProxies: number;
  /** Host names that requests may name; null allows any. `.example.com` allows subdomains. */
  readonly allowedHosts: readonly string[] | null;
  /** Each request in one transaction, rolled back when the answer is an error. */
  readonly atomicRequests: boolean;
  /** Development: checks that cost time, and errors that explain more. */
  readonly debug: boolean;
}
