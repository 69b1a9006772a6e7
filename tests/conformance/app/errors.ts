import { BasicAuthentication } from '@rf/auth';
import { TokenAuthentication } from '@rf/authtoken';
import {
  AccessDenied,
  APIException,
  AuthenticationFailed,
  Http404,
  MethodNotAllowed,
  NotAcceptable,
  NotAuthenticated,
  NotFound,
  ParseError,
  PermissionDenied,
  Throttled,
  UnsupportedMediaType,
  ValidationError,
} from '@rf/exceptions';
import { getObjectOr404 } from '@rf/generics';
import { db } from '@rf/orm';
import {
  APIView,
  authenticationClasses,
  type HttpResponse,
  path,
  type Params,
  type Request,
  Response,
  type UrlEntry,
} from '@rf/views';
import { withPolicies } from './authentication.ts';
import { Book } from './entities.ts';

class OutOfStock extends APIException {
  static override statusCode = 409;
  static override defaultDetail = 'The book is out of stock.';
  static override defaultCode = 'out_of_stock';
}

class WarehouseClosed extends APIException {
  static override statusCode = 503;
  static override defaultDetail = 'The warehouse is closed.';
  static override defaultCode = 'warehouse_closed';
}

const KINDS: Record<string, () => Error> = {
  'api-exception': () => new APIException(),
  'api-exception-message': () => new APIException('It broke.', 'broken'),
  'api-exception-list': () => new APIException(['It broke.', 'Twice.']),
  'api-exception-object': () => new APIException({ part: 'engine', level: ['high'] }),
  'parse-error': () => new ParseError(),
  'parse-error-message': () => new ParseError('Unreadable order.'),
  'authentication-failed': () => new AuthenticationFailed(),
  'authentication-failed-message': () => new AuthenticationFailed('Card expired.'),
  'not-authenticated': () => new NotAuthenticated(),
  'permission-denied': () => new PermissionDenied(),
  'permission-denied-message': () => new PermissionDenied('Staff only.', 'staff_only'),
  'not-found': () => new NotFound(),
  'not-found-message': () => new NotFound('No such shelf.'),
  'method-not-allowed': () => new MethodNotAllowed('GET'),
  'method-not-allowed-message': () => new MethodNotAllowed('GET', 'Closed for reading.'),
  'not-acceptable': () => new NotAcceptable(),
  'unsupported-media-type': () => new UnsupportedMediaType('text/weird'),
  throttled: () => new Throttled(),
  'throttled-one': () => new Throttled(1),
  'throttled-fraction': () => new Throttled(29.2),
  'throttled-zero': () => new Throttled(0),
  'throttled-message': () => new Throttled(60, 'Slow down.'),
  'out-of-stock': () => new OutOfStock(),
  'out-of-stock-message': () => new OutOfStock('Sold out until May.', 'until_may'),
  'service-unavailable': () => new WarehouseClosed(),
  validation: () => new ValidationError(),
  'validation-message': () => new ValidationError('Bad order.', 'bad_order'),
  'validation-list': () => new ValidationError(['First.', 'Second.']),
  'validation-object': () => new ValidationError({ title: 'Too long.' }),
  'validation-nested': () =>
    new ValidationError({ items: [{}, { isbn: ['Unknown.', 'Short.'] }], non_field_errors: ['Empty cart.'] }),
  'django-404': () => new Http404(),
  'django-404-message': () => new Http404('No such page in the catalogue.'),
  'django-403': () => new AccessDenied(),
  'django-403-message': () => new AccessDenied('Doors are locked.'),
};

function makeError(kind = ''): Error {
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return make === undefined ? new NotFound() : make();
}

class Raise extends APIView {
  override get(_request: Request, params: Params): never {
    throw makeError(params.kind);
  }
}

class Envelope extends Raise {
  override async handleException(error: unknown): Promise<HttpResponse> {
    const response = await super.handleException(error);
    if (response instanceof Response) {
      response.data = { status: response.status, method: this.request.method, errors: response.data };
    }
    return response;
  }
}

class ErrorDetails extends APIView {
  override get(_request: Request, params: Params): unknown {
    const error = makeError(params.kind);
    if (!(error instanceof APIException)) throw error;
    return { codes: error.getCodes(), full: error.getFullDetails() };
  }
}

class GetObject extends APIView {
  override async get(request: Request, params: Params): Promise<unknown> {
    const { id, title } = await getObjectOr404(db(request).createQueryBuilder(Book, 'book'), { isbn: params.isbn });
    return { id, title };
  }
}

export const errorUrls: UrlEntry[] = [
  path('/errors/raise/:kind/', withPolicies(Raise, authenticationClasses())),
  path('/errors/raise-token/:kind/', withPolicies(Raise, authenticationClasses(TokenAuthentication))),
  path('/errors/raise-basic/:kind/', withPolicies(Raise, authenticationClasses(BasicAuthentication))),
  path('/errors/details/:kind/', ErrorDetails),
  path('/errors/envelope/:kind/', Envelope),
  path('/errors/object/:isbn/', GetObject),
];
