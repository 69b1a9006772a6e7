import { type AbstractUser, type ScopedCredential, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth2Client } from './client.ts';
import { scopeNames } from './scope.ts';

/** `request.auth` of a request with an access token of this provider. Only a hash of the token is kept. */
@Entity('oauth2_access_token')
export class OAuth2AccessToken implements ScopedCredential {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  tokenHash!: string;

  @Index()
  @ManyToOne(() => OAuth2Client, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  client!: OAuth2Client;

  /** Null for a client that acts for itself. */
  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser | null;

  /** Words separated by spaces, as in the protocol. */
  @Column({ type: 'text' })
  scope!: string;

  /** Identifiers of the resources that it is bound to (RFC 8707); none for any of this project's. */
  @Column({ type: 'text', array: true, default: [] })
  resources!: string[];

  /** Shared with the code, refresh tokens and other access tokens of one authorization. */
  @Index()
  @Column({ type: 'uuid' })
  family!: string;

  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** Written at most once a minute. */
  @Column({ type: 'timestamptz', nullable: true })
  lastUsed!: Date | null;

  /** What the token may be used for. */
  get scopes(): ReadonlySet<string> {
    return new Set(scopeNames(this.scope));
  }

  /** True when the token has all of these scopes. */
  allowScopes(scopes: Iterable<string>): boolean {
    const own = this.scopes;
    return [...scopes].every((name) => own.has(name));
  }

  /** True at `now`, milliseconds since 1970, if it is neither expired nor revoked and has all of `scopes`. */
  isValid(scopes: Iterable<string>, now: number): boolean {
    return this.revokedAt === null && now < this.expires.getTime() && this.allowScopes(scopes);
  }

  /** Safe to log. */
  toString(): string {
    return `OAuth2AccessToken ${this.id}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
