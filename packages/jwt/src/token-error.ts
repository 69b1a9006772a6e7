/** Why a token is refused. The texts that clients see for them are the option `messages`. */
export type TokenErrorCode = 'invalid' | 'expired' | 'wrongType' | 'blacklisted' | 'noType' | 'noId' | 'refreshExpired';

/**
 * A token that cannot be accepted. Views and authentication classes turn it into a 401; code of one's own that verifies
 * tokens may catch it.
 */
export class TokenError extends Error {
  override name = 'TokenError';

  /**
   * @param code what a client may know
   * @param message the text for the client
   * @param reason what exactly was wrong, for the log; holds no part of the token but names
   */
  constructor(
    readonly code: TokenErrorCode,
    message: string,
    readonly reason: string = message,
  ) {
    super(message);
  }
}
