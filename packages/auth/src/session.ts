import { substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { AbstractUser } from './abstract-user.ts';
import { User } from './user.ts';

/** What a browser's session holds, found by the hash of the key in its cookie (DJ11). */
@Entity('auth_session')
export class Session {
  /** SHA-256 of the key, in hex: who reads the table cannot take a session over. */
  @PrimaryColumn({ type: 'varchar', length: 64 })
  keyHash!: string;

  @Column({ type: 'jsonb' })
  data!: Record<string, unknown>;

  /** Whose session it is; null before a login. */
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'user_id' })
  user!: AbstractUser | null;

  @Column({ type: 'timestamptz' })
  created!: Date;

  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;
}
