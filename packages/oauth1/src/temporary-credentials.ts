import { type AbstractUser, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth1Consumer } from './consumer.ts';

/** The callback of a client that cannot receive one: the user types the verifier (RFC 5849, section 2.1). */
export const OUT_OF_BAND = 'oob';

/** What stands for a request to be allowed something, for one use within minutes (RFC 5849, section 2.1). */
@Entity('oauth1_temporary')
export class OAuth1TemporaryCredentials {
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

  @Column({ type: 'text' })
  callback!: string;

  @Column({ type: 'text' })
  scope!: string;

  /** Who allowed it; null before. */
  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser | null;

  /** Sealed, not hashed: one that is typed is short enough to be found from its hash. Null before somebody allowed it. */
  @sensitive
  @Column({ type: 'text', nullable: true })
  verifierSealed!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  authorizedAt!: Date | null;

  /** Wrong verifiers so far. */
  @Column({ type: 'int' })
  tries!: number;

  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;

  /** Exchanged, refused, or spoilt by wrong verifiers. */
  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  /** True when a user types the verifier. */
  get isOutOfBand(): boolean {
    return this.callback === OUT_OF_BAND;
  }
}
