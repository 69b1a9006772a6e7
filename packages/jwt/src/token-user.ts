import type { RequestUser } from '@rf/views';
import type { Token } from './token.ts';

/**
 * A user made of a token's claims, without a query (JW12). What the token does not say is empty or false; it has no
 * groups and no permissions.
 */
export class TokenUser implements RequestUser {
  readonly isAuthenticated = true;
  /** A token is only issued for an active user. */
  readonly isActive = true;

  constructor(readonly token: Token) {}

  /** The claim that names the user, as text. */
  get id(): string {
    return this.token.userId ?? '';
  }

  get username(): string {
    const username = this.token.get('username');
    return typeof username === 'string' ? username : '';
  }

  get isStaff(): boolean {
    return this.token.get('is_staff') === true;
  }

  get isSuperuser(): boolean {
    return this.token.get('is_superuser') === true;
  }

  getUsername(): string {
    return this.username;
  }

  toString(): string {
    return `TokenUser ${this.id}`;
  }
}
