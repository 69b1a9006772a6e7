import { type AbstractUser, type ScopedCredential, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

/** The ability to do everything. */
export const EVERY_SCOPE = '*';

/**
 * A token as one wants it today (KX01, W12): any number for a user, each with a name, scopes and an end; only a hash is stored.
 */
@Entity('authtoken_access_token')
export class AccessToken implements ScopedCredential {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'user_id' })
  user!: AbstractUser;

  /** What it is for, in the user's words. */
  @Column({ type: 'varchar', length: 100 })
  name!: string;

  /** The first characters, so that people can tell their tokens apart. */
  @Column({ type: 'varchar', length: 12 })
  prefix!: string;

  /** SHA-256 of the token, in hex. */
  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  digest!: string;

  /** What it may do; `*` is everything. */
  @Column({ type: 'text', array: true })
  abilities!: string[];

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** null: it does not end by itself. */
  @Column({ type: 'timestamptz', nullable: true })
  expires!: Date | null;

  /** To the minute. */
  @Column({ type: 'timestamptz', nullable: true })
  lastUsed!: Date | null;

  #scopes: ReadonlySet<string> | undefined;

  /** The abilities as scopes, for permissions such as TokenHasScope. */
  get scopes(): ReadonlySet<string> {
    this.#scopes ??= this.abilities.includes(EVERY_SCOPE) ? new EveryScope(this.abilities) : new Set(this.abilities);
    return this.#scopes;
  }

  /** @param now milliseconds since 1970 */
  isExpired(now: number): boolean {
    return this.expires !== null && this.expires.getTime() <= now;
  }

  toString(): string {
    return `${this.name} (${this.prefix}…)`;
  }
}

class EveryScope extends Set<string> {
  override has(): boolean {
    return true;
  }
}
