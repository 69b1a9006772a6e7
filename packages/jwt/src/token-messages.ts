import { TokenError, type TokenErrorCode } from './token-error.ts';

/** The text for each way a token is refused. */
export type TokenMessages = Readonly<Record<TokenErrorCode, string>>;

/** The texts of the current simplejwt (JW04, JW07). */
export const defaultTokenMessages: TokenMessages = {
  invalid: 'Token is invalid',
  expired: 'Token is expired',
  wrongType: 'Token has wrong type',
  blacklisted: 'Token is blacklisted',
  noType: 'Token has no type',
  noId: 'Token has no id',
  refreshExpired: "Token 'refresh_exp' claim has expired",
};

/** Makes the error for `code` with the project's text. */
export function tokenError(messages: TokenMessages, code: TokenErrorCode, reason?: string): TokenError {
  return new TokenError(code, messages[code], reason);
}
