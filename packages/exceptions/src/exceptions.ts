import { APIException } from './api-exception.ts';
import { type Detail, type DetailInput, ErrorDetail, toDetail } from './error-detail.ts';

/** 400: the input was understood and is wrong. A single text becomes a list of one, as in DRF (EX01). */
export class ValidationError extends APIException {
  static override statusCode = 400;
  static override defaultDetail = 'Invalid input.';
  static override defaultCode = 'invalid';

  protected override makeDetail(detail: DetailInput, code: string): Detail {
    const made = toDetail(detail, code);
    return made instanceof ErrorDetail ? [made] : made;
  }
}

/** 400: the body or another part of the request cannot be read. */
export class ParseError extends APIException {
  static override statusCode = 400;
  static override defaultDetail = 'Malformed request.';
  static override defaultCode = 'parse_error';
}

/** The credentials that were sent are refused. 401 with a challenge, or 403 where the view has none (AU04). */
export class AuthenticationFailed extends APIException {
  static override statusCode = 401;
  static override defaultDetail = 'Incorrect authentication credentials.';
  static override defaultCode = 'authentication_failed';

  /** Value of `WWW-Authenticate`, set by the view from its first authentication class. */
  authenticateHeader: string | null = null;
}

/** No credentials were sent and some are needed. 401 with a challenge, or 403 where the view has none (AU04). */
export class NotAuthenticated extends APIException {
  static override statusCode = 401;
  static override defaultDetail = 'Authentication credentials were not provided.';
  static override defaultCode = 'not_authenticated';

  /** Value of `WWW-Authenticate`, set by the view from its first authentication class. */
  authenticateHeader: string | null = null;
}

/** 403: known, and not allowed. */
export class PermissionDenied extends APIException {
  static override statusCode = 403;
  static override defaultDetail = 'You do not have permission to perform this action.';
  static override defaultCode = 'permission_denied';
}

/** 404: there is no such thing, or it is hidden from this client. */
export class NotFound extends APIException {
  static override statusCode = 404;
  static override defaultDetail = 'Not found.';
  static override defaultCode = 'not_found';
}

/** 405: the view has no handler for this method. */
export class MethodNotAllowed extends APIException {
  static override statusCode = 405;
  static override defaultDetail = 'Method "{method}" not allowed.';
  static override defaultCode = 'method_not_allowed';

  constructor(method: string, detail?: DetailInput, code?: string) {
    super(detail ?? MethodNotAllowed.defaultDetail.replace('{method}', () => method), code);
  }
}

/** 406: no renderer makes what the `Accept` header asks for. */
export class NotAcceptable extends APIException {
  static override statusCode = 406;
  static override defaultDetail = 'Could not satisfy the request Accept header.';
  static override defaultCode = 'not_acceptable';
}

/** 409: the request contradicts the present state. */
export class Conflict extends APIException {
  static override statusCode = 409;
  static override defaultDetail = 'The request conflicts with the current state of the resource.';
  static override defaultCode = 'conflict';
}

/** 412: a condition of the request, such as `If-Match`, does not hold (RFC 9110, section 15.5.13). */
export class PreconditionFailed extends APIException {
  static override statusCode = 412;
  static override defaultDetail = 'The resource has changed since it was read.';
  static override defaultCode = 'precondition_failed';
}

/** 413: the body is larger than the view accepts. */
export class PayloadTooLarge extends APIException {
  static override statusCode = 413;
  static override defaultDetail = 'The request body is too large.';
  static override defaultCode = 'payload_too_large';
}

/** 415: no parser reads this media type. */
export class UnsupportedMediaType extends APIException {
  static override statusCode = 415;
  static override defaultDetail = 'Unsupported media type "{media_type}" in request.';
  static override defaultCode = 'unsupported_media_type';

  /** @param mediaType the `Content-Type` header as sent; empty when absent */
  constructor(mediaType: string, detail?: DetailInput, code?: string) {
    super(detail ?? UnsupportedMediaType.defaultDetail.replace('{media_type}', () => mediaType), code);
  }
}

/** 428: the request must be conditional (RFC 6585, section 3). */
export class PreconditionRequired extends APIException {
  static override statusCode = 428;
  static override defaultDetail = 'This request must be conditional: send If-Match.';
  static override defaultCode = 'precondition_required';
}

/** 429: too many requests. `Retry-After` is sent when the wait is known (TH06). */
export class Throttled extends APIException {
  static override statusCode = 429;
  static override defaultDetail = 'Request was throttled.';
  static override defaultCode = 'throttled';

  /** Whole seconds until a request may succeed, rounded up; `null` when unknown. */
  readonly wait: number | null;

  /** @param wait seconds, fractions allowed; `null` or left out when unknown */
  constructor(wait?: number | null, detail?: string, code?: string) {
    const seconds = wait === undefined || wait === null ? null : Math.ceil(wait);
    const text = detail ?? Throttled.defaultDetail;
    super(
      seconds === null ? text : `${text} Expected available in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
      code,
    );
    this.wait = seconds;
  }
}

/** 503: a part that the answer needs is not available now. */
export class ServiceUnavailable extends APIException {
  static override statusCode = 503;
  static override defaultDetail = 'Service temporarily unavailable, try again later.';
  static override defaultCode = 'service_unavailable';
}
