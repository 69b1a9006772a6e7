// The base
export { APIException, type FullDetail } from './api-exception.ts';
export { type Detail, type DetailInput, type DetailTree, ErrorDetail, mapDetail, toDetail } from './error-detail.ts';

// Answers
export {
  AuthenticationFailed,
  Conflict,
  MethodNotAllowed,
  NotAcceptable,
  NotAuthenticated,
  NotFound,
  ParseError,
  PayloadTooLarge,
  PermissionDenied,
  PreconditionFailed,
  PreconditionRequired,
  ServiceUnavailable,
  Throttled,
  UnsupportedMediaType,
  ValidationError,
} from './exceptions.ts';

// Not answers by themselves
export { AccessDenied, Http404, ImproperlyConfigured } from './signals.ts';

// Status codes
export { isClientError, isInformational, isRedirect, isServerError, isSuccess, status } from './status.ts';
