import type { ScopedCredential } from '@rf/auth';
import { IntrospectionFailure } from './introspection-failure.ts';

/** The last second that a Date can hold. */
const MAX_SECONDS = 8.64e12;

/** `request.auth` of a request whose token another server has vouched for: what its introspection endpoint told (RFC 7662, section 2.2). */
export class IntrospectedToken implements ScopedCredential {
  /** Words separated by spaces; empty when the answer names none. */
  readonly scope: string;
  readonly scopes: ReadonlySet<string>;
  /** The client that the token was issued to; null when the answer does not say. */
  readonly clientId: string | null;
  /** The user who allowed it; null for a client that acts for itself. */
  readonly username: string | null;
  /** `sub`, which names the user among those of the provider; null when the answer does not say. */
  readonly subject: string | null;
  readonly issuer: string | null;
  readonly audience: readonly string[];
  readonly tokenType: string | null;
  /** From when it counts; null for at once. */
  readonly notBefore: Date | null;
  /** Null when the answer does not say. */
  readonly expires: Date | null;

  /**
   * @param claims every member of the answer
   * Throws IntrospectionFailure when a member that counts is of the wrong kind.
   */
  constructor(readonly claims: Readonly<Record<string, unknown>>) {
    this.scope = text(claims, 'scope') ?? '';
    this.scopes = new Set(this.scope.split(' ').filter((word) => word !== ''));
    this.clientId = text(claims, 'client_id');
    this.username = text(claims, 'username') || null;
    this.subject = text(claims, 'sub');
    this.issuer = text(claims, 'iss');
    this.audience = texts(claims, 'aud');
    this.tokenType = text(claims, 'token_type');
    this.notBefore = moment(claims, 'nbf');
    this.expires = moment(claims, 'exp');
  }

  /** True when the token has all of these scopes. */
  allowScopes(scopes: Iterable<string>): boolean {
    return [...scopes].every((name) => this.scopes.has(name));
  }

  /** Safe to log. */
  toString(): string {
    return `IntrospectedToken of ${this.clientId ?? 'an unnamed client'}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

type Claims = Readonly<Record<string, unknown>>;

function text(claims: Claims, name: string): string | null {
  const value = claims[name] ?? null;
  if (value !== null && typeof value !== 'string') throw new IntrospectionFailure(`its ${name} is no text`);
  return value;
}

function texts(claims: Claims, name: string): readonly string[] {
  const value = claims[name] ?? [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === 'string')) throw new IntrospectionFailure(`its ${name} is no text`);
  return list;
}

function moment(claims: Claims, name: string): Date | null {
  const value = claims[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || Math.abs(value) > MAX_SECONDS) {
    throw new IntrospectionFailure(`its ${name} is no number of seconds`);
  }
  return new Date(value * 1000);
}
