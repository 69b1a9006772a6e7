import { AuthenticationFailed, type DetailInput } from '@rf/exceptions';

/** 401 whose body names its code: `{ "detail": …, "code": … }`, as simplejwt's (JW03–JW05). */
export function jwtFailure(detail: string, code: string): AuthenticationFailed {
  return new AuthenticationFailed({ detail, code }, code);
}

/** One way in which a token was tried, and why it failed. */
export interface TokenAttempt {
  readonly token_class: string;
  readonly token_type: string;
  readonly message: string;
}

/** 401 `token_not_valid`. */
export function invalidToken(detail: string, messages?: readonly TokenAttempt[]): AuthenticationFailed {
  const body: Record<string, DetailInput> = { detail, code: 'token_not_valid' };
  if (messages !== undefined) body.messages = messages.map((attempt) => ({ ...attempt }));
  return new AuthenticationFailed(body, 'token_not_valid');
}
