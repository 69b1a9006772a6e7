import { type AbstractUser, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth2Client } from './client.ts';

/** A code that a user's browser carries to a client, for one use within a minute (RFC 6749, section 4.1.2). */
@Entity('oauth2_code')
export class OAuth2Code {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  codeHash!: string;

  @Index()
  @ManyToOne(() => OAuth2Client, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  client!: OAuth2Client;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser;

  /** As the client asked; null when it left the choice to its registration, and may leave it out again. */
  @Column({ type: 'text', nullable: true })
  redirectUri!: string | null;

  @Column({ type: 'text' })
  scope!: string;

  /** Identifiers of the resources that it is bound to (RFC 8707); none for any of this project's. */
  @Column({ type: 'text', array: true, default: [] })
  resources!: string[];

  @Column({ type: 'varchar', length: 43, nullable: true })
  challenge!: string | null;

  @Column({ type: 'text', nullable: true })
  nonce!: string | null;

  /** When the user had logged in who allowed it; null when that is not known. */
  @Column({ type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  /** Shared by everything that comes of this code. */
  @Index()
  @Column({ type: 'uuid' })
  family!: string;
}
