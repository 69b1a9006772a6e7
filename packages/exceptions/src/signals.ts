/**
 * "There is no such thing", thrown by code that does not know of HTTP, such as a query helper.
 *
 * A view answers 404 with the message, or with "Not found." when there is none (EX05).
 */
export class Http404 extends Error {
  override name = 'Http404';
}

/**
 * "Not allowed", thrown by code that does not know of HTTP, such as an authentication backend.
 *
 * A view answers 403 with the message, or with the text of {@link PermissionDenied} when there is none (EX05).
 */
export class AccessDenied extends Error {
  override name = 'AccessDenied';
}

/**
 * The project is set up wrongly. The message names the class, the member, what was found and the line to write.
 *
 * Thrown at start-up wherever possible; never an answer to a client.
 */
export class ImproperlyConfigured extends Error {
  override name = 'ImproperlyConfigured';
}
