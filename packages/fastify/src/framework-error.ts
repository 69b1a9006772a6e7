import { STATUS_CODES } from 'node:http';
import { APIException, NotFound, PayloadTooLarge, ServiceUnavailable } from '@rf/exceptions';
import {
  APIView,
  authenticationClasses,
  permissionClasses,
  type Request,
  throttleClasses,
  versioningClass,
} from '@rf/views';

/** Answers an unknown URL, or an error of the server itself, as any view answers an error (W19). */
@authenticationClasses()
@permissionClasses()
@throttleClasses()
@versioningClass(null)
export class FrameworkError extends APIView {
  /** What the server met; null for a URL that does not exist. */
  error: (Error & { statusCode?: number }) | null = null;

  override initial(request: Request): never {
    const { renderer, mediaType } = this.performContentNegotiation(request, true);
    request.acceptedRenderer = renderer;
    request.acceptedMediaType = mediaType;
    this.checkHost(request);
    throw this.#toException();
  }

  /** Never reached; a view needs a handler. */
  override get(): never {
    throw this.#toException();
  }

  #toException(): unknown {
    const { error } = this;
    if (error === null) return new NotFound();
    const status = error.statusCode;
    if (status === 413) return new PayloadTooLarge();
    if (status === 503) return new ServiceUnavailable();
    if (status === undefined || status < 400 || status >= 500) return error;
    const exception = new APIException(error.message || STATUS_CODES[status], 'error');
    exception.statusCode = status;
    return exception;
  }
}
