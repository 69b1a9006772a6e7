import { type AbstractUser, User } from '@rf/auth';
import { substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** What is kept to check digests of one user: a password hash of any other kind cannot. */
@Entity('digest_credential')
@Unique(['user', 'realm', 'algorithm'])
export class DigestCredential {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'user_id' })
  user!: AbstractUser;

  @Column({ type: 'varchar', length: 255 })
  realm!: string;

  /** Without `-sess`. */
  @Column({ type: 'varchar', length: 20 })
  algorithm!: string;

  /** H(username:realm:password), sealed: within its realm it is as good as the password. */
  @Column({ type: 'text' })
  ha1Sealed!: string;

  @Index()
  @Column({ type: 'varchar', length: 64 })
  userhash!: string;
}
