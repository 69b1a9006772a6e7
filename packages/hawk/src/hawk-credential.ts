import { type AbstractUser, type ScopedCredential, User } from '@rf/auth';
import { substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import type { HawkAlgorithm } from './hawk-crypto.ts';

/** A key that a client signs requests with. */
@Entity('hawk_credential')
export class HawkCredential implements ScopedCredential {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  /** Names the key in headers. */
  @Column({ type: 'varchar', length: 64, unique: true })
  keyId!: string;

  /** The key, sealed: both sides must know it. */
  @Column({ type: 'text' })
  keySealed!: string;

  @Column({ type: 'varchar', length: 10 })
  algorithm!: HawkAlgorithm;

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

  @Column({ type: 'text', array: true })
  scopeList!: string[];

  @Column({ type: 'boolean' })
  active!: boolean;

  /** null: it does not end by itself. */
  @Column({ type: 'timestamptz', nullable: true })
  expires!: Date | null;

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** To the minute. */
  @Column({ type: 'timestamptz', nullable: true })
  lastUsed!: Date | null;

  get scopes(): ReadonlySet<string> {
    return new Set(this.scopeList);
  }

  toString(): string {
    return this.keyId;
  }
}
