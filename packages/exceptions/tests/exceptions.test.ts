import { describe, expect, it } from 'vitest';
import {
  APIException,
  AuthenticationFailed,
  Conflict,
  ErrorDetail,
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
} from '@rf/exceptions';

describe('each exception has its status, text and code (EX02)', () => {
  const table: [APIException, number, string, string][] = [
    [new APIException(), 500, 'A server error occurred.', 'error'],
    [new ParseError(), 400, 'Malformed request.', 'parse_error'],
    [new AuthenticationFailed(), 401, 'Incorrect authentication credentials.', 'authentication_failed'],
    [new NotAuthenticated(), 401, 'Authentication credentials were not provided.', 'not_authenticated'],
    [new PermissionDenied(), 403, 'You do not have permission to perform this action.', 'permission_denied'],
    [new NotFound(), 404, 'Not found.', 'not_found'],
    [new MethodNotAllowed('PUT'), 405, 'Method "PUT" not allowed.', 'method_not_allowed'],
    [new NotAcceptable(), 406, 'Could not satisfy the request Accept header.', 'not_acceptable'],
    [new UnsupportedMediaType('text/x'), 415, 'Unsupported media type "text/x" in request.', 'unsupported_media_type'],
    [new Throttled(), 429, 'Request was throttled.', 'throttled'],
    [new Conflict(), 409, 'The request conflicts with the current state of the resource.', 'conflict'],
    [new PreconditionFailed(), 412, 'The resource has changed since it was read.', 'precondition_failed'],
    [new PayloadTooLarge(), 413, 'The request body is too large.', 'payload_too_large'],
    [new PreconditionRequired(), 428, 'This request must be conditional: send If-Match.', 'precondition_required'],
    [new ServiceUnavailable(), 503, 'Service temporarily unavailable, try again later.', 'service_unavailable'],
  ];
  it.each(table)('%s is %i', (exception, status, text, code) => {
    expect(exception.statusCode).toBe(status);
    expect(exception.getFullDetails()).toEqual({ message: text, code });
    expect(exception.name).toBe(exception.constructor.name);
  });
});

describe('APIException', () => {
  it('takes a text and a code of its own', () => {
    const exception = new PermissionDenied('Staff only.', 'staff_only');
    expect(exception.detail).toEqual(new ErrorDetail('Staff only.', 'staff_only'));
    expect(exception.getCodes()).toBe('staff_only');
    expect(exception.message).toBe('Staff only.');
  });

  it('keeps lists and objects in shape (EX01, EX04)', () => {
    const exception = new APIException({ part: 'engine', level: ['high', 2] });
    expect(JSON.parse(JSON.stringify(exception.detail))).toEqual({ part: 'engine', level: ['high', '2'] });
    expect(exception.getCodes()).toEqual({ part: 'error', level: ['error', 'error'] });
    expect(exception.getFullDetails()).toEqual({
      part: { message: 'engine', code: 'error' },
      level: [
        { message: 'high', code: 'error' },
        { message: '2', code: 'error' },
      ],
    });
  });

  it('leaves the code of a detail that has one', () => {
    const exception = new ValidationError({ title: [new ErrorDetail('Too long.', 'max_length'), 'Odd.'] });
    expect(exception.getCodes()).toEqual({ title: ['max_length', 'invalid'] });
  });

  it('takes status, text and code of a subclass from its statics (EX03)', () => {
    class OutOfStock extends APIException {
      static override statusCode = 409;
      static override defaultDetail = 'The book is out of stock.';
      static override defaultCode = 'out_of_stock';
    }
    const exception = new OutOfStock();
    expect(exception.statusCode).toBe(409);
    expect(exception.getFullDetails()).toEqual({ message: 'The book is out of stock.', code: 'out_of_stock' });
    expect(exception).toBeInstanceOf(Error);
  });

  it('keeps a key called __proto__ an ordinary one', () => {
    const exception = new ValidationError(JSON.parse('{"__proto__": ["no"]}'));
    expect(JSON.stringify(exception.detail)).toBe('{"__proto__":["no"]}');
    expect(({} as { no?: unknown }).no).toBeUndefined();
  });
});

describe('ValidationError', () => {
  it('makes a list of a single text (EX01)', () => {
    expect(JSON.stringify(new ValidationError('Bad order.', 'bad_order').detail)).toBe('["Bad order."]');
    expect(new ValidationError('Bad order.', 'bad_order').getCodes()).toEqual(['bad_order']);
    expect(JSON.stringify(new ValidationError().detail)).toBe('["Invalid input."]');
  });

  it('keeps lists and objects', () => {
    expect(JSON.stringify(new ValidationError(['First.', 'Second.']).detail)).toBe('["First.","Second."]');
    expect(JSON.stringify(new ValidationError({ title: 'Too long.' }).detail)).toBe('{"title":"Too long."}');
  });
});

describe('Throttled (TH06)', () => {
  it.each([
    [1, 'Request was throttled. Expected available in 1 second.', 1],
    [29.2, 'Request was throttled. Expected available in 30 seconds.', 30],
    [0, 'Request was throttled. Expected available in 0 seconds.', 0],
    [null, 'Request was throttled.', null],
  ])('rounds a wait of %s up', (wait, text, seconds) => {
    const exception = new Throttled(wait);
    expect(String(exception)).toBe(text);
    expect(exception.wait).toBe(seconds);
  });

  it('puts the wait after a text of its own', () => {
    expect(String(new Throttled(60, 'Slow down.'))).toBe('Slow down. Expected available in 60 seconds.');
  });
});

describe('MethodNotAllowed and UnsupportedMediaType', () => {
  it('take a text of their own', () => {
    expect(String(new MethodNotAllowed('GET', 'Closed for reading.'))).toBe('Closed for reading.');
    expect(String(new UnsupportedMediaType('text/x', 'No.'))).toBe('No.');
  });

  it('insert what the client sent as it is', () => {
    expect(String(new UnsupportedMediaType('$& $1').detail)).toBe('Unsupported media type "$& $1" in request.');
  });
});

describe('ErrorDetail (EX04)', () => {
  it('is its text as JSON and in strings', () => {
    const detail = new ErrorDetail('Wrong.', 'wrong');
    expect(JSON.stringify({ detail })).toBe('{"detail":"Wrong."}');
    expect(`${detail}`).toBe('Wrong.');
  });

  it('equals its text, and a detail of the same text and code', () => {
    const detail = new ErrorDetail('Wrong.', 'wrong');
    expect(detail.equals('Wrong.')).toBe(true);
    expect(detail.equals('Other.')).toBe(false);
    expect(detail.equals(new ErrorDetail('Wrong.', 'wrong'))).toBe(true);
    expect(detail.equals(new ErrorDetail('Wrong.', 'other'))).toBe(false);
  });
});
