/** What views and policies need to know of `request.user`, whatever the project's user model. */
export interface RequestUser {
  /** Primary key; `null` for nobody. */
  readonly id: number | string | null;
  readonly isAuthenticated: boolean;
  readonly isActive: boolean;
  readonly isStaff: boolean;
  readonly isSuperuser: boolean;
  /** The name one logs in with; empty for nobody. */
  getUsername(): string;
}

/** Nobody: the user of a request without credentials (AU03, DJ03). */
export class AnonymousUser implements RequestUser {
  readonly id = null;
  readonly username = '';
  readonly isAuthenticated = false;
  readonly isActive = false;
  readonly isStaff = false;
  readonly isSuperuser = false;

  getUsername(): string {
    return '';
  }

  toString(): string {
    return 'AnonymousUser';
  }
}
