import { createHash, randomBytes } from 'node:crypto';
import type { AbstractUser } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { type JwtKey, type JwtService, TokenSignatures } from '@rf/jwt';
import type { Issue, OAuth2Client, OAuth2Provider } from '@rf/oauth2';
import type { Request } from '@rf/views';
import type { ResolvedOpenIdOptions } from './options.ts';
import { subjectOf, userClaims } from './user-claims.ts';

/** What most verifiers of ID tokens ask for, who take no other type than this or none. */
const TYP = 'JWT';

/**
 * The kind of token, in the claim in which access and refresh tokens of `jwt()` have theirs: none of them passes for another
 * (RFC 8725, section 3.12).
 */
const KIND = 'id';

/** The algorithm of a client that has chosen none (OpenID Connect Core, section 3.1.3.7). */
const USUAL_ALGORITHM = 'RS256';

/** What an ID token that came back says. */
export interface IdTokenHint {
  readonly subject: string;
  /** The client that it was issued to. */
  readonly clientId: string;
}

/** Makes ID tokens and reads those that clients send back (OpenID Connect Core, section 2). */
export class IdTokens {
  readonly #signatures: TokenSignatures;

  constructor(
    private readonly provider: OAuth2Provider,
    private readonly jwt: JwtService,
    private readonly options: ResolvedOpenIdOptions,
  ) {
    this.#signatures = new TokenSignatures(jwt.keys);
  }

  /** The algorithms that there are keys for, the newest first. */
  async algorithms(): Promise<readonly string[]> {
    return [...new Set((await this.keys()).map(({ algorithm }) => algorithm))];
  }

  /** The ID token that goes along with a new access token. Throws ImproperlyConfigured when there is no key for it. */
  async issue(issue: Issue, user: AbstractUser, accessToken: string, request: Request): Promise<string> {
    const key = await this.keyFor(issue.client);
    const now = Math.floor(this.jwt.now());
    const more = this.options.claimsInIdToken
      ? await userClaims(this.options, user, new Set(issue.scope), request)
      : {};
    return this.#signatures.sign(
      {
        ...more,
        [this.kindClaim]: KIND,
        iss: this.provider.issuer(request),
        sub: subjectOf(user),
        aud: issue.client.clientId,
        exp: now + this.options.idTokenLifetime,
        iat: now,
        jti: randomBytes(16).toString('hex'),
        at_hash: halfHash(key, accessToken),
        ...(issue.authenticatedAt !== null && { auth_time: Math.floor(issue.authenticatedAt.getTime() / 1000) }),
        ...(issue.nonce !== null && { nonce: issue.nonce }),
      },
      { key, typ: TYP },
    );
  }

  /** Reads an ID token of ours that a client sends to say whom it means; null for anything else. */
  async readHint(text: string, request: Request): Promise<IdTokenHint | null> {
    const signed = await this.#signatures.open(text);
    if (typeof signed === 'string') return null;
    const { header, claims } = signed;
    const { sub, aud, exp } = claims;
    const isKind = header.typ === TYP && claims[this.kindClaim] === KIND;
    const isOurs = isKind && claims.iss === this.provider.issuer(request);
    if (!isOurs || typeof sub !== 'string' || typeof aud !== 'string' || typeof exp !== 'number') return null;
    if (!this.options.acceptExpiredHints && exp <= this.jwt.now()) return null;
    return { subject: sub, clientId: aud };
  }

  /** `jwt()` lets a project that signs tokens itself have no tokens without a kind. */
  private get kindClaim(): string {
    return this.jwt.options.tokenTypeClaim ?? 'token_type';
  }

  private async keys(): Promise<readonly JwtKey[]> {
    return (await this.jwt.keys.signingKeys()).filter(({ isSecret }) => !isSecret);
  }

  private async keyFor({ clientId, idTokenAlgorithm }: OAuth2Client): Promise<JwtKey> {
    const keys = await this.keys();
    const find = (name: string): JwtKey | undefined => keys.find(({ algorithm }) => algorithm === name);
    const key = idTokenAlgorithm === null ? (find(USUAL_ALGORITHM) ?? keys[0]) : find(idTokenAlgorithm);
    if (key !== undefined) return key;
    const algorithm = idTokenAlgorithm ?? USUAL_ALGORITHM;
    throw new ImproperlyConfigured(
      `There is no key to sign the ID token of the client ${clientId} with ${algorithm}. Run \`rf generate-jwt-key --alg ${algorithm}\`.`,
    );
  }
}

/** The left half of the digest that the signature is made with, of an access token (OpenID Connect Core, section 3.1.3.6). */
function halfHash({ algorithm }: JwtKey, text: string): string {
  // Ed25519 is made with SHA-512.
  const digest = createHash(`sha${/\d{3}$/.exec(algorithm)?.[0] ?? '512'}`)
    .update(text, 'ascii')
    .digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
