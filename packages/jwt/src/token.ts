import { randomBytes } from 'node:crypto';
import type { RequestUser } from '@rf/views';
import { type JwtService, jwtService } from './jwt-service.ts';
import type { ResolvedJwtOptions } from './options.ts';
import type { TokenContext } from './token-context.ts';
import { passwordFingerprint } from './password-fingerprint.ts';
import type { Claims } from './token-signatures.ts';
import type { TokenErrorCode } from './token-error.ts';
import { tokenError } from './token-messages.ts';

/** A concrete kind of token. */
export interface TokenClass<T extends Token = Token> {
  new (context: TokenContext, claims: Claims): T;
  readonly name: string;
  readonly tokenType: string;
  lifetime(options: ResolvedJwtOptions): number;
  verify(context: TokenContext, text: string): Promise<Token>;
}

/** Choices for {@link Token.setExp}. */
export interface ExpiryOptions {
  /** Default `exp`. */
  readonly claim?: string;
  /** Seconds since 1970 to count from. Default now. */
  readonly from?: number;
  /** Seconds. Default the lifetime of the token's kind. */
  readonly lifetime?: number;
}

/**
 * A token and its claims: one that was received and verified, or one to be signed (JW06, JW15).
 *
 * ```ts
 * const refresh = await RefreshToken.forUser(request, user);
 * return new Response({ refresh: await refresh.encode(), access: await refresh.accessToken.encode() });
 * ```
 *
 * A subclass adds claims of its own by overriding {@link addClaims}. Printing a token shows its kind and id, never the
 * token itself.
 */
export abstract class Token {
  /** Value of the `token_type` claim. */
  static readonly tokenType: string = '';

  /** Seconds that a new token of this kind lives. */
  static lifetime(options: ResolvedJwtOptions): number {
    return options.accessTokenLifetime;
  }

  // Not enumerable: a logger that prints a token must not walk into keys and settings.
  readonly #service: JwtService;
  readonly #claims: Claims;

  /** Takes claims as they are; see {@link create}, {@link forUser} and {@link verify}. */
  constructor(context: TokenContext, claims: Claims) {
    this.#service = jwtService(context);
    this.#claims = claims;
  }

  /** A new token with type, `exp`, `iat` and a random id, for nobody yet. */
  static create<T extends Token>(this: TokenClass<T>, context: TokenContext): T {
    const token = new this(context, {});
    token.begin();
    return token;
  }

  /** A new token for `user`, recorded as outstanding where its kind is. */
  static async forUser<T extends Token>(this: TokenClass<T>, context: TokenContext, user: RequestUser): Promise<T> {
    const { options, site } = jwtService(context);
    const { userIdClaim, userIdField, checkRevokeToken, revokeTokenClaim } = options;
    const token = new this(context, {});
    token.begin();
    token.set(userIdClaim, String((user as unknown as Record<string, unknown>)[userIdField]));
    if (checkRevokeToken) token.set(revokeTokenClaim, passwordFingerprint(site.secretKey, user));
    await token.addClaims(user);
    await token.issued(user);
    return token;
  }

  /** Reads a token that came from outside. Throws TokenError when it is not a good one of this kind. */
  static async verify<T extends Token>(this: TokenClass<T>, context: TokenContext, text: string): Promise<T> {
    const token = new this(context, await jwtService(context).backend.decode(text));
    await token.check();
    return token;
  }

  /** Claims of your own for a token that is made for `user`; override and call {@link set}. */
  protected addClaims(_user: RequestUser): Promise<void> | void {}

  /** What a received token of this kind must fulfil beside signature and times. */
  protected async check(): Promise<void> {
    this.checkId();
    this.checkType();
  }

  /** Called once for a new token that has all its claims. */
  protected async issued(_user: RequestUser): Promise<void> {}

  protected get service(): JwtService {
    return this.#service;
  }

  protected get kind(): TokenClass {
    return this.constructor as unknown as TokenClass;
  }

  /** @internal */
  begin(): void {
    const { tokenTypeClaim } = this.#service.options;
    if (tokenTypeClaim !== null) this.set(tokenTypeClaim, this.kind.tokenType);
    this.setExp();
    this.setIat();
    this.setJti();
  }

  protected checkId(): void {
    const { jtiClaim } = this.#service.options;
    if (jtiClaim === null) return;
    const id = this.get(jtiClaim);
    if (typeof id !== 'string' || id === '') this.refuse('noId');
    // What the table cannot hold.
    if (id.length > 255 || id.includes('\0')) this.refuse('invalid', 'its id cannot be stored');
  }

  protected checkType(): void {
    const { tokenTypeClaim } = this.#service.options;
    if (tokenTypeClaim === null) return;
    const type = this.get(tokenTypeClaim);
    if (type === undefined) this.refuse('noType');
    if (type !== this.kind.tokenType) this.refuse('wrongType');
  }

  protected refuse(code: TokenErrorCode, reason?: string): never {
    throw tokenError(this.#service.options.messages, code, reason);
  }

  // ---- claims

  /** A copy of all claims. */
  get claims(): Claims {
    return { ...this.#claims };
  }

  /** The value of a claim; undefined when it is absent. */
  get(claim: string): unknown {
    return Object.hasOwn(this.#claims, claim) ? this.#claims[claim] : undefined;
  }

  has(claim: string): boolean {
    return Object.hasOwn(this.#claims, claim);
  }

  /** Sets a claim to any JSON value. */
  set(claim: string, value: unknown): this {
    Object.defineProperty(this.#claims, claim, { value, enumerable: true, writable: true, configurable: true });
    return this;
  }

  delete(claim: string): this {
    delete this.#claims[claim];
    return this;
  }

  /** Id of the token, 32 hexadecimal digits where it is ours. */
  get jti(): string {
    return String(this.get(this.#service.options.jtiClaim ?? 'jti'));
  }

  /** Second at which it ends. */
  get exp(): number {
    return Number(this.get('exp'));
  }

  /** Second at which it was made; undefined when the token does not say. */
  get iat(): number | undefined {
    const iat = this.get('iat');
    return typeof iat === 'number' ? iat : undefined;
  }

  /** The user's id as text; undefined when the token names no user. */
  get userId(): string | undefined {
    const id = this.get(this.#service.options.userIdClaim);
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  }

  /**
   * What the token may be used for: the words of its `scope` claim (RFC 8693, section 4.2). The scope permissions of
   * `@rf/auth` read it.
   */
  get scopes(): ReadonlySet<string> {
    const scope = this.get('scope');
    return new Set(typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : []);
  }

  /** Moves the end: `token.setExp({ lifetime: 3600 })`. */
  setExp({
    claim = 'exp',
    from = this.#service.now(),
    lifetime = this.kind.lifetime(this.#service.options),
  }: ExpiryOptions = {}): this {
    return this.set(claim, Math.floor(from) + lifetime);
  }

  /** Sets the time of issue to now. */
  setIat(): this {
    return this.set('iat', Math.floor(this.#service.now()));
  }

  /** Gives the token a new random id. */
  setJti(): this {
    return this.set(this.#service.options.jtiClaim ?? 'jti', randomBytes(16).toString('hex'));
  }

  /** The signed token: what the client gets. */
  encode(): Promise<string> {
    return this.#service.backend.encode(this.#claims);
  }

  /** Kind and id, safe to log. */
  toString(): string {
    return `${this.kind.name} ${this.jti}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
