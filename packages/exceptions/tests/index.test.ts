import { expect, it } from 'vitest';
import * as exceptions from '@rf/exceptions';

it('exports these names', () => {
  expect(Object.keys(exceptions).sort()).toEqual([
    'APIException',
    'AccessDenied',
    'AuthenticationFailed',
    'Conflict',
    'ErrorDetail',
    'Http404',
    'ImproperlyConfigured',
    'MethodNotAllowed',
    'NotAcceptable',
    'NotAuthenticated',
    'NotFound',
    'ParseError',
    'PayloadTooLarge',
    'PermissionDenied',
    'PreconditionFailed',
    'PreconditionRequired',
    'ServiceUnavailable',
    'Throttled',
    'UnsupportedMediaType',
    'ValidationError',
    'isClientError',
    'isInformational',
    'isRedirect',
    'isServerError',
    'isSuccess',
    'mapDetail',
    'status',
    'toDetail',
  ]);
});
