/** Why a signature does not count. The reason is for logs and developers: it names fields and rules, never a signature or a key. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}
