// Views
export {
  APIView,
  type Handled,
  type Handler,
  HTTP_METHOD_NAMES,
  type HttpMethodName,
  type Params,
  type RequestTransaction,
  requestTransaction,
  type ViewClass,
} from './api-view.ts';
export { type ApiViewDecorator, apiView, type FunctionView, type ViewFunction } from './function-view.ts';
export { describeView, nameView } from './view-name.ts';

// Request and response
export { MultiValueDict, parseUrlEncoded } from './multi-value-dict.ts';
export { Request, type ResponseListener } from './request.ts';
export { AnonymousUser, type RequestUser } from './request-user.ts';
export {
  type Content,
  HttpResponse,
  type HttpResponseOptions,
  HttpResponseRedirect,
  Response,
  ResponseHeaders,
  type ResponseOptions,
} from './response.ts';
export { type CookieOptions, parseCookies, serializeCookie } from './cookies.ts';
export { UploadedFile } from './uploaded-file.ts';
export type { SaveFileOptions, StorableFile, Storage, StoredContent } from './storage.ts';
export { FileSystemStorage, type FileSystemStorageOptions } from './file-system-storage.ts';
export { StoredFiles } from './stored-files.ts';

// Policies
export {
  addPolicies,
  authenticationClasses,
  contentNegotiationClass,
  inheritedPolicies,
  metadataClass,
  ownPolicies,
  parserClasses,
  permissionClasses,
  type Policies,
  type Policy,
  policy,
  rendererClasses,
  throttleClasses,
  throttleScope,
  versioningClass,
} from './policies.ts';
export { type ResolvedPolicies, resolvePolicies } from './resolved-policies.ts';
export { type Authenticated, type AuthenticationClass, BaseAuthentication } from './authentication.ts';
export {
  AllowAny,
  allOf,
  anyOf,
  BasePermission,
  IsAdminUser,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  isSafeMethod,
  not,
  type PermissionClass,
  SAFE_METHODS,
} from './permissions.ts';
export { BaseThrottle, type ThrottleClass } from './throttling.ts';
export { AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle } from './rate-throttles.ts';
export type { ThrottleStore, ThrottleVerdict } from './throttle-store.ts';
export { MemoryThrottleStore, throttleStoreOf } from './memory-throttle-store.ts';
export { type RedisClient, RedisThrottleStore, type RedisThrottleStoreOptions } from './redis-throttle-store.ts';
export { parseRate, type Rate } from './rate.ts';
export {
  BaseParser,
  FormParser,
  JSONParser,
  type ParsedBody,
  type ParserClass,
  type ParserContext,
} from './parsers.ts';
export { MultiPartParser } from './multi-part-parser.ts';
export { FileUploadParser } from './file-upload-parser.ts';
export {
  BaseRenderer,
  JSONRenderer,
  type RendererClass,
  type RendererContext,
} from './renderers.ts';
export { MultiPartRenderer } from './multi-part-renderer.ts';
export { StaticHTMLRenderer, TemplateHTMLRenderer } from './html-renderers.ts';
export { encodeJson, type JsonOptions } from './json-encoder.ts';
export type { TemplateEngine } from './templates.ts';
export {
  BaseContentNegotiation,
  type ContentNegotiationClass,
  DefaultContentNegotiation,
  type Negotiated,
} from './negotiation.ts';
export { FirstRendererNegotiation } from './first-renderer-negotiation.ts';
export { isFormMediaType, MediaType } from './media-type.ts';
export {
  AcceptHeaderVersioning,
  BaseVersioning,
  HostNameVersioning,
  NamespaceVersioning,
  QueryParameterVersioning,
  URLPathVersioning,
  type VersioningClass,
} from './versioning.ts';
export { BaseMetadata, type MetadataClass, SimpleMetadata } from './metadata.ts';
export { type ExceptionContext, type ExceptionHandler, exceptionHandler } from './exception-handler.ts';

// URLs
export {
  type BoundView,
  include,
  type IncludeOptions,
  type Mountable,
  path,
  type PathOptions,
  type UrlEntry,
  type UrlInclude,
  type UrlRoute,
} from './urls.ts';
export { formatSuffixPatterns, type FormatSuffixOptions } from './format-suffix.ts';
export { UrlPattern } from './url-pattern.ts';
export { NoReverseMatch, type ResolvedRoute, type UrlMatch, UrlResolver } from './url-resolver.ts';
export { reverse, type ReverseOptions } from './reverse.ts';
export { formEncode, removeQueryParam, replaceQueryParam } from './query-link.ts';

// For schemes, servers and projects
export { isRepeated } from './repeated-header.ts';
export type { HttpRequest } from './http-request.ts';
export { mount, type MountedView } from './mount.ts';
export { type RequestListener, requestListeners } from './request-listener.ts';
export { type Logger, type ResourceKey, resourceKey, type Site } from './site.ts';
export type { Settings } from './settings.ts';
export { defaultSettings, makeSettings } from './default-settings.ts';
export { describeError, type ErrorDescription } from './describe-error.ts';
export { type Awaitable, isPromise } from './awaitable.ts';
