import { User } from '@rf/auth';
import { substitutable } from '@rf/orm';
import type { RequestUser } from '@rf/views';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

/** A refresh or sliding token that was issued and has not been flushed, on simplejwt's table (JW09). */
@Entity('token_blacklist_outstandingtoken')
export class OutstandingToken {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  /** Null once the user is deleted. */
  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'SET NULL' },
  )
  @JoinColumn()
  user!: RequestUser | null;

  @Column({ type: 'varchar', length: 255, unique: true })
  jti!: string;

  /** Always empty: the id is enough to refuse a token, and a stored one could be used by whoever reads the table. */
  @Column({ type: 'text', default: '' })
  token!: string;

  /** What all tokens of one log-in share; null for those of another library. */
  @Index()
  @Column({ type: 'uuid', nullable: true })
  family!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  createdAt!: Date | null;

  @Index()
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  toString(): string {
    return `Token ${this.jti}`;
  }
}
