import { APIException } from '@rf/exceptions';

/** 400: the parameters of the protocol are not as they must be (RFC 5849, section 3.2). */
export class OAuth1BadRequest extends APIException {
  static override statusCode = 400;
  static override defaultDetail = 'Invalid OAuth request.';
  static override defaultCode = 'invalid_oauth_request';
}
