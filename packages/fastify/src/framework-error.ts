import { APIException, NotFound, PayloadTooLarge } from '@rf/exceptions';
import { APIView, authenticationClasses, permissionClasses, throttleClasses, versioningClass } from '@rf/views';

/** Answers an unknown URL, or an error of the server itself, as any view answers an error. */
@authenticationClasses()
@permissionClasses()
@throttleClasses()
@versioningClass(null)
export class FrameworkError extends APIView {
  /** What the server met; null for a URL that does not exist. */
  error: (Error & { statusCode?: number }) | null = null;

  override get parsesBody(): boolean {
    return false;
  }

  override initial(request: Parameters<APIView['initial']>[0]): never {
    const { renderer, mediaType } = this.performContentNegotiation(request, true);
    request.acceptedRenderer = renderer;
    request.acceptedMediaType = mediaType;
    throw this.#toException();
  }

  override get(): never {
    throw this.#toException();
  }

  #toException(): unknown {
    const { error } = this;
    if (error === null) return new NotFound();
    const status = error.statusCode;
    if (status === 413) return new PayloadTooLarge();
    if (status !== undefined && status >= 400 && status < 500) {
      const exception = new APIException(error.message, 'error');
      exception.statusCode = status;
      return exception;
    }
    return error;
  }
}
