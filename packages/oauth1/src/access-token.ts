import { type AbstractUser, type ScopedCredential, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth1Consumer } from './consumer.ts';
import { grantedScopes } from './scope.ts';

/** `request.auth` of a signed request: what a user allowed a consumer (RFC 5849, section 2.3). */
@Entity('oauth1_access_token')
export class OAuth1AccessToken implements ScopedCredential {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  tokenHash!: string;

  @sensitive
  @Column({ type: 'text' })
  secretSealed!: string;

  @Index()
  @ManyToOne(() => OAuth1Consumer, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  consumer!: OAuth1Consumer;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser;

  /** For reading only: it never has the scope `write`, so TokenHasReadWriteScope refuses unsafe methods (AU30). */
  @Column({ type: 'boolean' })
  readonly!: boolean;

  /** Words separated by spaces. */
  @Column({ type: 'text' })
  scope!: string;

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** Null for one that lives until it is revoked. */
  @Index()
  @Column({ type: 'timestamptz', nullable: true })
  expires!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  /** What the token may be used for. */
  get scopes(): ReadonlySet<string> {
    return grantedScopes(this.scope, this.readonly);
  }

  /** True at `now` if it is neither expired nor revoked. */
  isValid(now: Date): boolean {
    return this.revokedAt === null && (this.expires === null || now < this.expires);
  }

  /** Safe to log. */
  toString(): string {
    return `OAuth1AccessToken ${this.id}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
