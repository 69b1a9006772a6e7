import {
  AccessDenied,
  APIException,
  AuthenticationFailed,
  ErrorDetail,
  Http404,
  NotAuthenticated,
  NotFound,
  PermissionDenied,
  Throttled,
} from '@rf/exceptions';
import type { APIView } from './api-view.ts';
import type { Awaitable } from './awaitable.ts';
import type { Request } from './request.ts';
import { HttpResponse, Response } from './response.ts';

/** What an exception handler is told beside the exception (EX06). */
export interface ExceptionContext {
  readonly view: APIView;
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
}

/** Turns an exception into an answer; null leaves it unhandled, which is logged and answered 500 (EX06). */
export type ExceptionHandler = (error: unknown, context: ExceptionContext) => Awaitable<HttpResponse | null>;

/** The default of the setting `exceptionHandler`: answers APIExceptions, {@link Http404} and {@link AccessDenied} as DRF does. */
export function exceptionHandler(error: unknown, _context: ExceptionContext): Response | null {
  const exception = toAPIException(error);
  if (exception === null) return null;

  const response = new Response(
    exception.detail instanceof ErrorDetail ? { detail: exception.detail } : exception.detail,
    { status: exception.statusCode, exception: true },
  );
  if (exception instanceof AuthenticationFailed || exception instanceof NotAuthenticated) {
    if (exception.authenticateHeader !== null) response.headers.set('www-authenticate', exception.authenticateHeader);
  }
  if (exception instanceof Throttled && exception.wait) response.headers.set('retry-after', String(exception.wait));
  return response;
}

function toAPIException(error: unknown): APIException | null {
  if (error instanceof APIException) return error;
  if (error instanceof Http404) return new NotFound(error.message || undefined);
  if (error instanceof AccessDenied) return new PermissionDenied(error.message || undefined);
  return null;
}
